using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Noos.Language.Tokenization;

/// <summary>
/// Turns one piece of the pre-tokenizer into tokens. Holds a cache of short pieces and scratch memory, so one thread uses it at a time.
/// </summary>
sealed class PieceEncoder(int[] byteTokens, MergeTable merges)
{
    const int CacheBits = 15;
    const int MaxCachedBytes = 15;
    const int MaxCachedTokens = 4;
    const int CountShift = 28;

    // A scan of all pairs for each merge is quadratic, but has no bookkeeping: it wins up to about this many bytes.
    const int MaxScannedBytes = 96;

    // Direct-mapped, the newest wins: words follow Zipf's law, so collisions with rare words cost little, and memory is bounded.
    readonly CacheEntry[] _cache = new CacheEntry[1 << CacheBits];
    readonly int[] _tokens = new int[MaxScannedBytes];
    readonly int[] _ranks = new int[MaxScannedBytes];

    /// <summary>Encodes a whole text, piece by piece.</summary>
    public void Encode(ReadOnlySpan<byte> text, List<int> output)
    {
        var position = 0;
        while (position < text.Length)
        {
            var end = PreTokenizer.End(text, position);
            var length = end - position;
            if (length > MaxCachedBytes)
            {
                EncodeUncached(text[position..end], output);
            }
            else
            {
                EncodeCached(text, position, length, output);
            }

            position = end;
        }
    }

    void EncodeCached(ReadOnlySpan<byte> text, int position, int length, List<int> output)
    {
        var (low, high) = KeyOf(text, position, length);
        ref var entry = ref _cache[(int)(Mix(low, high) >> (64 - CacheBits))];
        if (entry.Low != low || entry.High != high)
        {
            var before = output.Count;
            EncodeUncached(text.Slice(position, length), output);
            Remember(ref entry, low, high, CollectionsMarshal.AsSpan(output)[before..]);
            return;
        }

        var count = entry.First >>> CountShift;
        var start = output.Count;
        CollectionsMarshal.SetCount(output, start + count);
        var target = CollectionsMarshal.AsSpan(output)[start..];
        target[0] = entry.First & ((1 << CountShift) - 1);
        if (count > 1)
        {
            target[1] = entry.Second;
            if (count > 2)
            {
                target[2] = entry.Third;
                if (count > 3)
                {
                    target[3] = entry.Fourth;
                }
            }
        }
    }

    static void Remember(ref CacheEntry entry, ulong low, ulong high, ReadOnlySpan<int> tokens)
    {
        if (tokens.Length > MaxCachedTokens)
        {
            return;
        }

        entry = new CacheEntry(
            low,
            high,
            tokens[0] | (tokens.Length << CountShift),
            tokens.Length > 1 ? tokens[1] : 0,
            tokens.Length > 2 ? tokens[2] : 0,
            tokens.Length > 3 ? tokens[3] : 0);
    }

    /// <summary>The bytes of a piece of at most 15 bytes as a number, its length in the highest byte, so that the key is exact.</summary>
    static (ulong Low, ulong High) KeyOf(ReadOnlySpan<byte> text, int position, int length)
    {
        ulong low;
        ulong high;
        if (position + 16 <= text.Length)
        {
            low = BinaryPrimitives.ReadUInt64LittleEndian(text[position..]);
            if (length < 8)
            {
                low &= (1UL << (8 * length)) - 1;
                high = 0;
            }
            else
            {
                high = BinaryPrimitives.ReadUInt64LittleEndian(text[(position + 8)..]) & ((1UL << (8 * (length - 8))) - 1);
            }
        }
        else
        {
            Span<byte> copy = stackalloc byte[16];
            copy.Clear();
            text.Slice(position, length).CopyTo(copy);
            low = BinaryPrimitives.ReadUInt64LittleEndian(copy);
            high = BinaryPrimitives.ReadUInt64LittleEndian(copy[8..]);
        }

        return (low, high | ((ulong)length << 56));
    }

    static ulong Mix(ulong low, ulong high)
    {
        var mixed = (low ^ (high * 0xC2B2AE3D27D4EB4FUL)) * 0x9E3779B97F4A7C15UL;
        return (mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93UL;
    }

    void EncodeUncached(ReadOnlySpan<byte> piece, List<int> output)
    {
        if (piece.Length > MaxScannedBytes)
        {
            EncodeLong(piece, output);
            return;
        }

        var tokens = _tokens.AsSpan(0, piece.Length);
        for (var index = 0; index < piece.Length; index++)
        {
            tokens[index] = byteTokens[piece[index]];
        }

        var ranks = _ranks.AsSpan(0, piece.Length);
        for (var index = 0; index + 1 < tokens.Length; index++)
        {
            ranks[index] = merges.Find(tokens[index], tokens[index + 1], out _);
        }

        while (tokens.Length > 1)
        {
            var best = 0;
            for (var index = 1; index + 1 < tokens.Length; index++)
            {
                if (ranks[index] < ranks[best])
                {
                    best = index;
                }
            }

            if (ranks[best] == MergeTable.None)
            {
                break;
            }

            merges.Find(tokens[best], tokens[best + 1], out tokens[best]);
            tokens[(best + 2)..].CopyTo(tokens[(best + 1)..]);
            ranks[(best + 1)..].CopyTo(ranks[best..]);
            tokens = tokens[..^1];
            if (best + 1 < tokens.Length)
            {
                ranks[best] = merges.Find(tokens[best], tokens[best + 1], out _);
            }

            if (best > 0)
            {
                ranks[best - 1] = merges.Find(tokens[best - 1], tokens[best], out _);
            }
        }

        output.AddRange(tokens);
    }

    /// <summary>The same merges for a piece of any length in n log n: candidates in a heap, tokens in a doubly linked list.</summary>
    void EncodeLong(ReadOnlySpan<byte> piece, List<int> output)
    {
        var count = piece.Length;
        var tokens = new int[count];
        var next = new int[count];
        var previous = new int[count];
        for (var index = 0; index < count; index++)
        {
            tokens[index] = byteTokens[piece[index]];
            next[index] = index + 1;
            previous[index] = index - 1;
        }

        // Equal ranks join from left to right, hence the position in the priority.
        var candidates = new PriorityQueue<(int Position, int Left, int Right), (int Rank, int Position)>(count);
        for (var index = 0; index + 1 < count; index++)
        {
            Offer(index);
        }

        while (candidates.TryDequeue(out var candidate, out _))
        {
            var (position, left, right) = candidate;
            var second = next[position];
            // A candidate is stale when either side has meanwhile joined another.
            if (tokens[position] != left || second >= count || tokens[second] != right)
            {
                continue;
            }

            merges.Find(left, right, out tokens[position]);
            tokens[second] = -1;
            next[position] = next[second];
            if (next[second] < count)
            {
                previous[next[second]] = position;
                Offer(position);
            }

            if (previous[position] >= 0)
            {
                Offer(previous[position]);
            }
        }

        for (var index = 0; index < count; index = next[index])
        {
            output.Add(tokens[index]);
        }

        void Offer(int position)
        {
            var rank = merges.Find(tokens[position], tokens[next[position]], out _);
            if (rank != MergeTable.None)
            {
                candidates.Enqueue((position, tokens[position], tokens[next[position]]), (rank, position));
            }
        }
    }

    readonly record struct CacheEntry(ulong Low, ulong High, int First, int Second, int Third, int Fourth);
}
