using System.IO.Hashing;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Noos.Core.Text;

namespace Noos.Corpus.Cleaning.Duplicates;

/// <summary>
/// MinHash (Broder 1997) over runs of words in lower case (of pages five): 120 hashes whose 20 bands of six find candidates, and all of
/// which estimate the similarity (Jaccard) of two candidates. Two texts of similarity 0.8 share a band with a probability of 0.998, two of
/// 0.5 with 0.27; the estimate has a standard error of 0.037 at 0.8. Integers only, so that every machine gives the same.
/// </summary>
public static class MinHash
{
    public const int Bands = 20;
    public const int Rows = 6;
    public const int Length = Bands * Rows;

    /// <summary>Words of a run of pages.</summary>
    public const int RunLength = 5;

    static readonly uint[] s_seeds = CreateSeeds();

    /// <summary>The signature of a text: the least value of each hash over all runs. All ones for a text without words.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="runLength">Words of a run; a shorter text is one run.</param>
    public static uint[] Compute(string text, int runLength = RunLength) => Compute(GetRuns(text, runLength));

    /// <summary>The signature of the runs of a text.</summary>
    public static uint[] Compute(IReadOnlyList<ulong> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var signature = new uint[Length];
        signature.AsSpan().Fill(uint.MaxValue);
        for (var i = 0; i < runs.Count; i++)
        {
            Take((uint)(runs[i] >> 32), signature);
        }

        return signature;
    }

    /// <summary>The runs of a text in their order, hashed to 64 bits; none for a text without words.</summary>
    /// <inheritdoc cref="Compute(string, int)"/>
    public static IReadOnlyList<ulong> GetRuns(string text, int runLength)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = HashWords(text);
        var runs = new ulong[words.Count == 0 ? 0 : Math.Max(1, words.Count - runLength + 1)];
        for (var i = 0; i < runs.Length; i++)
        {
            var run = 0UL;
            for (var j = i; j < Math.Min(i + runLength, words.Count); j++)
            {
                run = (run ^ words[j]) * 0x9E3779B97F4A7C15;
                run ^= run >> 29;
            }

            runs[i] = run;
        }

        return runs;
    }

    /// <summary>The names of the bands: texts that share one are candidates.</summary>
    public static void GetBands(ReadOnlySpan<uint> signature, Span<ulong> bands)
    {
        for (var band = 0; band < Bands; band++)
        {
            bands[band] = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(signature.Slice(band * Rows, Rows)), band);
        }
    }

    /// <summary>The half of each hash that is stored: two that differ have the same one in one of 65,536 cases.</summary>
    public static void GetSketch(ReadOnlySpan<uint> signature, Span<ushort> sketch)
    {
        for (var i = 0; i < signature.Length; i++)
        {
            sketch[i] = (ushort)signature[i];
        }
    }

    /// <summary>The similarity of two texts, estimated from 0 to 1.</summary>
    public static double Estimate(ReadOnlySpan<ushort> one, ReadOnlySpan<ushort> other)
    {
        var equal = 0;
        for (var i = 0; i < one.Length; i++)
        {
            equal += one[i] == other[i] ? 1 : 0;
        }

        return (double)equal / one.Length;
    }

    /// <summary>
    /// Every hash is a bijection of 32 bits: multiplied, folded and multiplied again, with a seed of its own. Vectors of any width compute
    /// the same.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Take(uint run, Span<uint> signature)
    {
        ref var least = ref MemoryMarshal.GetReference(signature);
        ref var seeds = ref MemoryMarshal.GetArrayDataReference(s_seeds);
        var i = 0;
        if (Vector.IsHardwareAccelerated && Length % Vector<uint>.Count == 0)
        {
            var value = new Vector<uint>(run);
            var first = new Vector<uint>(0x7FEB352D);
            var second = new Vector<uint>(0x846CA68B);
            for (; i < Length; i += Vector<uint>.Count)
            {
                var hash = (value ^ Vector.LoadUnsafe(ref seeds, (nuint)i)) * first;
                hash = (hash ^ Vector.ShiftRightLogical(hash, 15)) * second;
                hash ^= Vector.ShiftRightLogical(hash, 16);
                Vector.Min(hash, Vector.LoadUnsafe(ref least, (nuint)i)).StoreUnsafe(ref least, (nuint)i);
            }
        }

        for (; i < Length; i++)
        {
            var hash = (run ^ s_seeds[i]) * 0x7FEB352D;
            hash = (hash ^ (hash >> 15)) * 0x846CA68B;
            hash ^= hash >> 16;
            signature[i] = Math.Min(signature[i], hash);
        }
    }

    static List<ulong> HashWords(string text)
    {
        var words = new List<ulong>((text.Length / 5) + 1);
        Span<char> word = stackalloc char[64];
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var isUnspaced = TextWords.IsUnspaced(rune);
            if (isUnspaced || !Rune.IsLetterOrDigit(rune))
            {
                Finish(word[..length]);
                length = 0;
            }

            if (Rune.IsLetterOrDigit(rune) && length + 2 <= word.Length)
            {
                length += Rune.ToLowerInvariant(rune).EncodeToUtf16(word[length..]);
                if (isUnspaced)
                {
                    Finish(word[..length]);
                    length = 0;
                }
            }
        }

        Finish(word[..length]);
        return words;

        void Finish(ReadOnlySpan<char> letters)
        {
            if (!letters.IsEmpty)
            {
                words.Add(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(letters)));
            }
        }
    }

    static uint[] CreateSeeds()
    {
        // SplitMix64 from 1.
        var seeds = new uint[Length];
        var state = 1UL;
        for (var i = 0; i < seeds.Length; i++)
        {
            state += 0x9E3779B97F4A7C15;
            var value = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            seeds[i] = (uint)((value ^ (value >> 31)) >> 32);
        }

        return seeds;
    }
}
