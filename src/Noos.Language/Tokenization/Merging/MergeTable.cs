using System.Numerics;

namespace Noos.Language.Tokenization.Merging;

/// <summary>
/// The merge rules of a byte-pair encoding: which pair of symbols joins, how early (its rank), and into what. An open-addressed hash table
/// that is at most half full, because encoding looks up every pair of neighbours. Read-only, so thread-safe.
/// </summary>
sealed class MergeTable
{
    public const int None = int.MaxValue;

    readonly Slot[] _slots;
    readonly int _mask;

    /// <param name="merges">The rules; of two for the same pair the first counts.</param>
    /// <param name="ranks">The rank of each; null when it is the index. Among equal ranks the leftmost pair joins first.</param>
    public MergeTable(IReadOnlyList<Merge> merges, IReadOnlyList<int>? ranks = null)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, merges.Count * 2));
        _slots = new Slot[size];
        _mask = size - 1;
        for (var rule = 0; rule < merges.Count; rule++)
        {
            var (left, right, result) = merges[rule];
            var key = Key(left, right);
            var index = Hash(key) & _mask;
            // A second rule for a pair is put behind the first and never found.
            while (_slots[index].Key != 0)
            {
                index = (index + 1) & _mask;
            }

            _slots[index] = new Slot(key, ranks is null ? rule : ranks[rule], result);
        }
    }

    /// <summary>
    /// The rank of the merge of two tokens (lower joins earlier) and the token they become; <see cref="None"/> without one.
    /// </summary>
    public int Find(int left, int right, out int result)
    {
        var key = Key(left, right);
        // Ends: half of the slots are empty.
        for (var index = Hash(key) & _mask; ; index = (index + 1) & _mask)
        {
            ref readonly var slot = ref _slots[index];
            if (slot.Key == key)
            {
                result = slot.Result;
                return slot.Rank;
            }

            if (slot.Key == 0)
            {
                result = -1;
                return None;
            }
        }
    }

    // Left is stored plus one, so that no pair has the key of an empty slot.
    static ulong Key(int left, int right) => ((ulong)(uint)(left + 1) << 32) | (uint)right;

    static int Hash(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> 33);

    readonly record struct Slot(ulong Key, int Rank, int Result);
}

/// <summary>One merge rule: two tokens and the token they become.</summary>
readonly record struct Merge(int Left, int Right, int Result);
