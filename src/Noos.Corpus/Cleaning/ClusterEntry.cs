namespace Noos.Corpus.Cleaning;

/// <summary>What is known of the copies of a page.</summary>
/// <param name="Cluster">The number of the first page of its cluster.</param>
/// <param name="Size">Pages in the cluster, itself included.</param>
/// <param name="Flags">A bit for superseded, then two for each policy: dropped as a copy, dropped as a near copy.</param>
readonly record struct ClusterEntry(long Cluster, int Size, uint Flags)
{
    public const int Bytes = 16;

    public bool IsSuperseded => (Flags & 1) != 0;

    public bool IsDuplicate(int policy) => (Flags & DuplicateFlag(policy)) != 0;

    public bool IsNearDuplicate(int policy) => (Flags & NearDuplicateFlag(policy)) != 0;

    public static uint DuplicateFlag(int policy) => 2u << (2 * policy);

    public static uint NearDuplicateFlag(int policy) => 4u << (2 * policy);
}
