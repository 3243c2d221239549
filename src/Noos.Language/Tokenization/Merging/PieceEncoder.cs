using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using Noos.Language.Tokenization.Splitting;
using Noos.Language.Tokenization.Vocabularies;

namespace Noos.Language.Tokenization.Merging;

/// <summary>
/// Merges the symbols of one piece of the pre-tokenizer into tokens: the pair of lowest rank joins, the leftmost of equal ranks, until no
/// pair has a rule (Sennrich et al. 2016). Holds a cache of short pieces and scratch memory, so one thread uses it at a time.
/// </summary>
/// <param name="initialSymbols">What merging begins with.</param>
/// <param name="merges">The merges.</param>
/// <param name="whole">Pieces that become one token without merging (<c>ignore_merges</c>); may be null.</param>
sealed class PieceEncoder<TSymbols>(TSymbols initialSymbols, MergeTable merges, TokenLookup? whole)
    where TSymbols : struct, IInitialSymbols
{
    const int SetBits = 15;
    const int MaxCachedBytes = 15;
    const int MaxCachedTokens = 4;

    // A scan of all pairs for each merge is quadratic, but has no bookkeeping: it wins up to about this many bytes.
    const int MaxScannedBytes = 96;

    // The key's highest four bits are free: an entry keeps its number of tokens there.
    const int CountShift = 60;
    const ulong KeyMask = (1UL << CountShift) - 1;

    // Sets of two, the newer first: words follow Zipf's law, so two places keep the frequent ones, and memory is bounded.
    readonly CacheEntry[] _cache = new CacheEntry[2 << SetBits];
    readonly int[] _ranks = new int[MaxScannedBytes];
    readonly int[] _buffer = new int[4096];

    /// <summary>Encodes a whole text, piece by piece.</summary>
    public void Encode<TSplitter>(ReadOnlySpan<byte> text, TSplitter splitter, List<int> output)
        where TSplitter : struct, ISplitter<TSplitter>
    {
        var buffer = _buffer.AsSpan();
        var count = 0;
        var position = 0;
        while (position < text.Length)
        {
            var end = splitter.End(text, position);
            var length = end - position;
            // The three branches below that write into the buffer write at most one token per byte of a scanned piece.
            if (count > buffer.Length - MaxScannedBytes || length > MaxScannedBytes)
            {
                output.AddRange(buffer[..count]);
                count = 0;
            }

            if (length == 1)
            {
                buffer[count++] = initialSymbols.ForByte(text[position]);
            }
            else if (length <= MaxCachedBytes)
            {
                count += EncodeCached(text, position, length, buffer[count..]);
            }
            else if (length <= MaxScannedBytes)
            {
                count += Merge(text[position..end], buffer[count..]);
            }
            else
            {
                EncodeLong(text[position..end], output);
            }

            position = end;
        }

        output.AddRange(buffer[..count]);
    }

    int EncodeCached(ReadOnlySpan<byte> text, int position, int length, Span<int> output)
    {
        var (low, high) = KeyOf(text, position, length);
        var set = (int)(Mix(low, high) >> (64 - SetBits)) * 2;
        ref var newer = ref _cache[set];
        if (newer.Low == low && (newer.High & KeyMask) == high)
        {
            newer.Tokens.CopyTo(output);
            return (int)(newer.High >> CountShift);
        }

        ref var older = ref _cache[set + 1];
        if (older.Low == low && (older.High & KeyMask) == high)
        {
            (newer, older) = (older, newer);
            newer.Tokens.CopyTo(output);
            return (int)(newer.High >> CountShift);
        }

        var count = Merge(text.Slice(position, length), output);
        if (count <= MaxCachedTokens)
        {
            // Four ints are loaded whatever the count: output always has room, as the buffer is flushed early enough.
            older = newer;
            newer = new CacheEntry(low, high | ((ulong)count << CountShift), Vector128.Create<int>(output));
        }

        return count;
    }

    /// <summary>The bytes of a piece of at most 15 bytes as a number, its length in the highest byte, so that the key is exact.</summary>
    static (ulong Low, ulong High) KeyOf(ReadOnlySpan<byte> text, int position, int length)
    {
        ulong low;
        ulong high;
        // Two loads and a mask instead of a loop, where they stay inside the text.
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

    /// <summary>Joins the pair of lowest rank again and again; returns the number of tokens left in <paramref name="output"/>.</summary>
    int Merge(ReadOnlySpan<byte> piece, Span<int> output)
    {
        if (whole is not null && whole.Find(piece) is var token and >= 0)
        {
            output[0] = token;
            return 1;
        }

        var tokens = output[..initialSymbols.Read(piece, output)];
        var ranks = _ranks.AsSpan(0, tokens.Length);
        for (var index = 0; index + 1 < tokens.Length; index++)
        {
            ranks[index] = merges.Find(tokens[index], tokens[index + 1], out _);
        }

        while (tokens.Length > 1)
        {
            // Strictly less: of equal ranks the leftmost pair joins first. The last rank belongs to no pair and is not looked at.
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
            // Only the two pairs that touch the new token have other ranks now.
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

        return tokens.Length;
    }

    /// <summary>The same merges for a piece of any length in n log n: candidates in a heap, tokens in a doubly linked list.</summary>
    void EncodeLong(ReadOnlySpan<byte> piece, List<int> output)
    {
        if (whole is not null && whole.Find(piece) is var token and >= 0)
        {
            output.Add(token);
            return;
        }

        var tokens = new int[piece.Length];
        var count = initialSymbols.Read(piece, tokens);
        var next = new int[count];
        var previous = new int[count];
        for (var index = 0; index < count; index++)
        {
            next[index] = index + 1;
            previous[index] = index - 1;
        }

        // Equal ranks join from left to right, hence the position in the priority.
        var candidates = new PriorityQueue<(int Position, int Left, int Right), ulong>(count);
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

            // -1 is no token, so candidates that begin at the consumed place are stale from now on.
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
                candidates.Enqueue((position, tokens[position], tokens[next[position]]), ((ulong)(uint)rank << 32) | (uint)position);
            }
        }
    }

    /// <param name="Low">The first eight bytes of the piece.</param>
    /// <param name="High">Its other bytes, its length, and its number of tokens.</param>
    /// <param name="Tokens">Its tokens; what follows the last is of no meaning.</param>
    readonly record struct CacheEntry(ulong Low, ulong High, Vector128<int> Tokens);
}
