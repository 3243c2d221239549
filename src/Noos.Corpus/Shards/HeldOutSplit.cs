using System.IO.Hashing;

namespace Noos.Corpus.Shards;

/// <summary>
/// Which documents are kept from training: those whose hash is below a bound. About 1 in 200, and at least
/// <see cref="MinDocuments"/> where a source has enough documents. A document's text alone decides, so a source that grows keeps its split.
/// </summary>
public sealed class HeldOutSplit
{
    /// <summary>Documents held out at least, unless that is more than a tenth of the source.</summary>
    public const int MinDocuments = 8;

    const ulong Bound = ulong.MaxValue / 200;

    readonly ulong _bound;

    /// <param name="hashes">The hashes of all documents of a source.</param>
    public HeldOutSplit(IEnumerable<ulong> hashes)
    {
        ArgumentNullException.ThrowIfNull(hashes);
        ulong[] sorted = [.. hashes];
        Array.Sort(sorted);
        var count = Math.Min(MinDocuments, sorted.Length / 10);
        _bound = count == 0 ? Bound : Math.Max(Bound, sorted[count - 1] + 1);
    }

    public static ulong Hash(ReadOnlySpan<byte> utf8) => XxHash3.HashToUInt64(utf8);

    public bool IsHeldOut(ulong hash) => hash < _bound;
}
