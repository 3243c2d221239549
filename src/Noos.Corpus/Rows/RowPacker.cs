namespace Noos.Corpus.Rows;

/// <summary>
/// Packs items into rows of a fixed length with best-fit decreasing: the longest item first, each into the fullest row that still holds
/// it (Ding et al. 2024, "Fewer Truncations Improve Language Modeling"). The result depends on the lengths alone.
/// </summary>
public static class RowPacker
{
    /// <summary>Packs the items; no item is cut and none is left out.</summary>
    /// <param name="lengths">Length of each item, from 1 to <paramref name="rowLength"/>.</param>
    /// <param name="rowLength">Length of a row.</param>
    /// <returns>For each row the indices of its items, in the order they stand in the row.</returns>
    public static int[][] Pack(ReadOnlySpan<int> lengths, int rowLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowLength);
        foreach (var length in lengths)
        {
            if (length < 1 || length > rowLength)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(lengths), $"An item of length {length} does not fit into a row of {rowLength}.");
            }
        }

        var rows = new List<List<int>>();
        var space = new RowsBySpace(rowLength);
        foreach (var item in LongestFirst(lengths, rowLength))
        {
            var free = space.SmallestAtLeast(lengths[item]);
            int row;
            if (free < 0)
            {
                row = rows.Count;
                rows.Add([]);
                free = rowLength;
            }
            else
            {
                row = space.Take(free);
            }

            rows[row].Add(item);
            space.Put(free - lengths[item], row);
        }

        return [.. rows.Select(row => row.ToArray())];
    }

    /// <summary>Item indices by falling length, equal lengths in their order: a counting sort.</summary>
    static int[] LongestFirst(ReadOnlySpan<int> lengths, int rowLength)
    {
        var next = new int[rowLength + 2];
        foreach (var length in lengths)
        {
            next[rowLength - length + 1]++;
        }

        for (var index = 1; index < next.Length; index++)
        {
            next[index] += next[index - 1];
        }

        var order = new int[lengths.Length];
        for (var item = 0; item < lengths.Length; item++)
        {
            order[next[rowLength - lengths[item]]++] = item;
        }

        return order;
    }

    /// <summary>
    /// Open rows, found by their free space in a step or two: one stack for each space, and a bit that says it is not empty.
    /// </summary>
    sealed class RowsBySpace(int rowLength)
    {
        readonly Stack<int>?[] _rows = new Stack<int>?[rowLength + 1];
        readonly ulong[] _any = new ulong[(rowLength / 64) + 1];

        public int SmallestAtLeast(int space)
        {
            var word = space >> 6;
            var bits = _any[word] & (ulong.MaxValue << (space & 63));
            while (bits == 0)
            {
                if (++word == _any.Length)
                {
                    return -1;
                }

                bits = _any[word];
            }

            return (word << 6) + System.Numerics.BitOperations.TrailingZeroCount(bits);
        }

        public int Take(int space)
        {
            var row = _rows[space]!.Pop();
            if (_rows[space]!.Count == 0)
            {
                _any[space >> 6] &= ~(1UL << (space & 63));
            }

            return row;
        }

        public void Put(int space, int row)
        {
            (_rows[space] ??= new Stack<int>()).Push(row);
            _any[space >> 6] |= 1UL << (space & 63);
        }
    }
}
