using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Noos.Inference.Sampling;

/// <summary>
/// Logits in blocks, and the largest of each block: one pass over the vocabulary, after which whatever looks for large logits skips the
/// blocks that have none. NaN counts as forbidden. Valid while the logits given to <see cref="Begin"/> stay pinned.
/// </summary>
sealed unsafe class LogitBlocks
{
    /// <summary>Tokens of a block; the last one is filled up with forbidden ones.</summary>
    public const int Length = 128;

    const int Lanes = 8;

    // A pinned copy of the last tokens where they fill no block.
    readonly float[] _end = GC.AllocateUninitializedArray<float>(Length, pinned: true);
    float* _logits;
    int _whole;
    float[] _maxima = [];

    /// <summary>Number of blocks.</summary>
    public int Count { get; private set; }

    /// <summary>The largest logit; negative infinity where all are forbidden.</summary>
    public float Largest { get; private set; }

    /// <summary>The largest logit of each block; negative infinity where all of a block are forbidden.</summary>
    public ReadOnlySpan<float> Maxima => _maxima.AsSpan(0, Count);

    /// <summary>The same, filled up with negative infinity to a multiple of eight.</summary>
    public ReadOnlySpan<float> PaddedMaxima => _maxima.AsSpan(0, (Count + Lanes - 1) / Lanes * Lanes);

    /// <param name="logits">[length]; must stay where they are.</param>
    /// <param name="length">Number of tokens.</param>
    public void Begin(float* logits, int length)
    {
        _logits = logits;
        _whole = length / Length;
        Count = (length + Length - 1) / Length;
        if (_maxima.Length < Count + Lanes)
        {
            _maxima = new float[Count + Lanes];
        }

        if (Count > _whole)
        {
            Array.Fill(_end, float.NegativeInfinity);
            new ReadOnlySpan<float>(logits + (_whole * Length), length - (_whole * Length)).CopyTo(_end);
        }

        var largest = Vector256.Create(float.NegativeInfinity);
        for (var block = 0; block < Count; block++)
        {
            var pointer = At(block);
            var (a, b) = (Larger(Vector256.Load(pointer), Vector256.Create(float.NegativeInfinity)),
                Larger(Vector256.Load(pointer + Lanes), Vector256.Create(float.NegativeInfinity)));
            var (c, d) = (Larger(Vector256.Load(pointer + (2 * Lanes)), Vector256.Create(float.NegativeInfinity)),
                Larger(Vector256.Load(pointer + (3 * Lanes)), Vector256.Create(float.NegativeInfinity)));
            for (var i = 4 * Lanes; i < Length; i += 4 * Lanes)
            {
                a = Larger(Vector256.Load(pointer + i), a);
                b = Larger(Vector256.Load(pointer + i + Lanes), b);
                c = Larger(Vector256.Load(pointer + i + (2 * Lanes)), c);
                d = Larger(Vector256.Load(pointer + i + (3 * Lanes)), d);
            }

            a = Larger(Larger(a, b), Larger(c, d));
            largest = Larger(a, largest);
            _maxima[block] = Max(a);
        }

        _maxima.AsSpan(Count, Lanes).Fill(float.NegativeInfinity);
        Largest = Max(largest);
    }

    /// <summary>The logits of a block, <see cref="Length"/> of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* At(int block) =>
        block < _whole ? _logits + (block * Length) : (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_end));

    /// <summary>The first token with the largest logit; -1 where all are forbidden.</summary>
    public int IndexOfLargest()
    {
        if (Largest == float.NegativeInfinity)
        {
            return -1;
        }

        var block = Maxima.IndexOf(Largest);
        return (block * Length) + new ReadOnlySpan<float>(At(block), Length).IndexOf(Largest);
    }

    /// <summary>How many blocks have a logit that is at least so large.</summary>
    public int CountFrom(float bound)
    {
        var count = Vector256<int>.Zero;
        fixed (float* maxima = _maxima)
        {
            for (var block = 0; block < Count; block += Lanes)
            {
                count -= Vector256.GreaterThanOrEqual(Vector256.Load(maxima + block), Vector256.Create(bound)).AsInt32();
            }
        }

        return Vector256.Sum(count);
    }

    /// <summary>The larger ones of numbers; a NaN among <paramref name="candidates"/> loses against any.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Larger(Vector256<float> candidates, Vector256<float> largest) =>
        // vmaxps gives its second operand where one of them is no number.
        Avx.IsSupported
            ? Avx.Max(candidates, largest)
            : Vector256.ConditionalSelect(Vector256.GreaterThan(candidates, largest), candidates, largest);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Max(Vector256<float> vector)
    {
        var four = Vector128.MaxNative(vector.GetLower(), vector.GetUpper());
        var two = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }
}
