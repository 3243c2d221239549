using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels;

/// <summary>
/// Quantizes floats to blocks of 32 int8 in -127 .. 127 with a scale (llama.cpp's Q8_0), rounding half to even. The scale keeps the eleven
/// significant bits of an F16 number: that costs less than a tenth of what the bytes cost, and it is the arithmetic of llama.cpp, so both
/// engines say the same about the same file.
/// </summary>
static unsafe class ActivationQuantizer
{
    /// <summary>Quantizes a row; same bits as <see cref="ExecuteScalar"/>.</summary>
    /// <param name="source">[blocks * 32]</param>
    /// <param name="blocks">Number of blocks.</param>
    /// <param name="quants">[blocks * 32]</param>
    /// <param name="int16Quants">[blocks * 32] the same numbers as int16, in the order of <see cref="Int16Codes"/>.</param>
    /// <param name="blockScales">[blocks]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(float* source, int blocks, sbyte* quants, short* int16Quants, ActivationBlockScale* blockScales)
    {
        for (var block = 0; block < blocks; block++)
        {
            var a = Vector256.Load(source);
            var b = Vector256.Load(source + 8);
            var c = Vector256.Load(source + 16);
            var d = Vector256.Load(source + 24);
            var maxima = Vector256.MaxNative(
                Vector256.MaxNative(Vector256.Abs(a), Vector256.Abs(b)),
                Vector256.MaxNative(Vector256.Abs(c), Vector256.Abs(d)));
            // Tree of maxima: 8, 4, 2, 1 lanes; maxima are exact in any order.
            var four = Vector128.MaxNative(maxima.GetLower(), maxima.GetUpper());
            four = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
            var maxAbs = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2))).ToScalar();
            // The inverse of the unrounded scale, as llama.cpp has it. An all-zero block gets scale 0 and quants 0.
            var inverse = Vector256.Create(maxAbs > 0 ? 127f / maxAbs : 0f);
            // maxAbs * inverse rounds to 127 at most, so Narrow, which truncates, loses nothing.
            var low = Vector256.Narrow(ToInt(a * inverse), ToInt(b * inverse));
            var high = Vector256.Narrow(ToInt(c * inverse), ToInt(d * inverse));
            Int16Codes.InterleaveActivations(low).Store(int16Quants);
            Int16Codes.InterleaveActivations(high).Store(int16Quants + 16);
            // The int8 form for kernels of byte codes; the int16 form above for vpmaddwd.
            Vector256.Narrow(low, high).Store(quants);
            var scale = RoundScale(maxAbs);
            var (first, second) = SumHalves(low, high);
            blockScales[block] = CreateBlockScale(scale, first, second);
            source += Panel.BlockLength;
            quants += Panel.BlockLength;
            int16Quants += Panel.BlockLength;
        }
    }

    /// <summary>The scalar reference of <see cref="Execute"/>.</summary>
    public static void ExecuteScalar(float* source, int blocks, sbyte* quants, short* int16Quants, ActivationBlockScale* blockScales)
    {
        for (var block = 0; block < blocks; block++)
        {
            var maxAbs = 0f;
            for (var i = 0; i < Panel.BlockLength; i++)
            {
                maxAbs = MathF.Max(maxAbs, MathF.Abs(source[i]));
            }

            var inverse = maxAbs > 0 ? 127f / maxAbs : 0f;
            var sums = (First: 0, Second: 0);
            for (var i = 0; i < Panel.BlockLength; i++)
            {
                quants[i] = (sbyte)MathF.Round(source[i] * inverse);
                // 1 and 2 of every four change places (1 ^ 3 = 2): the order of Int16Codes.
                int16Quants[i % 4 is 1 or 2 ? i ^ 3 : i] = quants[i];
                sums.First += i < 16 ? quants[i] : 0;
                sums.Second += i < 16 ? 0 : quants[i];
            }

            blockScales[block] = CreateBlockScale(RoundScale(maxAbs), sums.First, sums.Second);
            source += Panel.BlockLength;
            quants += Panel.BlockLength;
            int16Quants += Panel.BlockLength;
        }
    }

    /// <summary>
    /// maxAbs / 127, rounded to eleven significant bits, half to even, on the bits of the float. Unlike a true F16 number it has no
    /// subnormals, so the smallest blocks are as exact as others.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float RoundScale(float maxAbs)
    {
        const int Dropped = 13;
        var bits = BitConverter.SingleToUInt32Bits(maxAbs / 127f);
        // Round half to even: add half a unit less one, and one more if the last kept bit is odd.
        bits += (1u << (Dropped - 1)) - 1 + ((bits >> Dropped) & 1);
        return BitConverter.UInt32BitsToSingle(bits & ~((1u << Dropped) - 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ActivationBlockScale CreateBlockScale(float scale, int first, int second) =>
        new(scale, scale * (first + second), first + second, (short)(16 * first), (short)(16 * second), -128 * (first + second));

    /// <summary>Sums of the first and of the last 16 quants; all partial sums fit int16: at most 16 * 127 = 2032.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (int First, int Second) SumHalves(Vector256<short> low, Vector256<short> high)
    {
        var first = low.GetLower() + low.GetUpper();
        var second = high.GetLower() + high.GetUpper();
        first += Vector128.Shuffle(first.AsInt32(), Vector128.Create(2, 3, 0, 1)).AsInt16();
        second += Vector128.Shuffle(second.AsInt32(), Vector128.Create(2, 3, 0, 1)).AsInt16();
        // One more step for both sums at once: first in the lower quadword, second in the upper.
        var both = Vector128.ConditionalSelect(Vector128.Create(-1L, 0).AsInt16(), first, second);
        both += Vector128.Shuffle(both.AsInt32(), Vector128.Create(1, 0, 3, 2)).AsInt16();
        return ((short)(both.GetElement(0) + both.GetElement(1)), (short)(both.GetElement(4) + both.GetElement(5)));
    }

    /// <summary>Rounds half to even; |value| is about 127 at most, so the native conversion has no edge cases.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> ToInt(Vector256<float> values) => Vector256.ConvertToInt32Native(Vector256.Round(values));
}
