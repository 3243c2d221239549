using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels;

/// <summary>
/// Floats to blocks of 32 signed bytes in -127 .. 127 with a scale, rounding half to even. The scale keeps the eleven significant bits of a
/// half-precision number: that costs less than a tenth of what the bytes cost, and it is the arithmetic of llama.cpp's Q8_0, so that both
/// engines say the same about the same file.
/// </summary>
static unsafe class ActivationQuantizer
{
    /// <param name="source">[blocks * 32]</param>
    /// <param name="blocks">Number of blocks.</param>
    /// <param name="quants">[blocks * 32]</param>
    /// <param name="int16Quants">[blocks * 32] the same numbers as words, in the order of <see cref="Int16Codes"/>.</param>
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
            var four = Vector128.MaxNative(maxima.GetLower(), maxima.GetUpper());
            four = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
            var maxAbs = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2))).ToScalar();
            var inverse = Vector256.Create(maxAbs > 0 ? 127f / maxAbs : 0f);
            var low = Vector256.Narrow(ToInt(a * inverse), ToInt(b * inverse));
            var high = Vector256.Narrow(ToInt(c * inverse), ToInt(d * inverse));
            Int16Codes.InterleaveActivations(low).Store(int16Quants);
            Int16Codes.InterleaveActivations(high).Store(int16Quants + 16);
            Vector256.Narrow(low, high).Store(quants);
            var scale = RoundScale(maxAbs);
            var (first, second) = SumHalves(low, high);
            blockScales[block] = CreateBlockScale(scale, first, second);
            source += Panel.BlockLength;
            quants += Panel.BlockLength;
            int16Quants += Panel.BlockLength;
        }
    }

    /// <summary>The reference of <see cref="Execute"/>.</summary>
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
                // The second and third of every four change places.
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

    /// <summary>A 127th, rounded to eleven bits, half to even. Unlike a half-precision number it is as exact for the smallest ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float RoundScale(float maxAbs)
    {
        const int Dropped = 13;
        var bits = BitConverter.SingleToUInt32Bits(maxAbs / 127f);
        bits += (1u << (Dropped - 1)) - 1 + ((bits >> Dropped) & 1);
        return BitConverter.UInt32BitsToSingle(bits & ~((1u << Dropped) - 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ActivationBlockScale CreateBlockScale(float scale, int first, int second) =>
        new(scale, scale * (first + second), first + second, (short)(16 * first), (short)(16 * second), -128 * (first + second));

    /// <summary>The sums of 16 words each; all partial sums fit a word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (int First, int Second) SumHalves(Vector256<short> low, Vector256<short> high)
    {
        var first = low.GetLower() + low.GetUpper();
        var second = high.GetLower() + high.GetUpper();
        first += Vector128.Shuffle(first.AsInt32(), Vector128.Create(2, 3, 0, 1)).AsInt16();
        second += Vector128.Shuffle(second.AsInt32(), Vector128.Create(2, 3, 0, 1)).AsInt16();
        var both = Vector128.ConditionalSelect(Vector128.Create(-1L, 0).AsInt16(), first, second);
        both += Vector128.Shuffle(both.AsInt32(), Vector128.Create(1, 0, 3, 2)).AsInt16();
        return ((short)(both.GetElement(0) + both.GetElement(1)), (short)(both.GetElement(4) + both.GetElement(5)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> ToInt(Vector256<float> values) => Vector256.ConvertToInt32Native(Vector256.Round(values));
}
