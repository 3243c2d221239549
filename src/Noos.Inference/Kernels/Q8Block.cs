using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// The Q8_0 block of GGUF: a half-precision scale and 32 signed bytes. Activations use the same blocks with the scale in single
/// precision and apart from the bytes.
/// </summary>
static unsafe class Q8Block
{
    /// <summary>Weights of one block.</summary>
    public const int Length = 32;

    /// <summary>Bytes of one block in a file.</summary>
    public const int ByteCount = 2 + Length;

    /// <summary>Quantizes <paramref name="blocks"/> blocks of 32 floats to signed bytes in -127 .. 127, rounding half to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(float* source, int blocks, sbyte* quants, float* scales)
    {
        for (var block = 0; block < blocks; block++, source += Length, quants += Length)
        {
            var a = Vector256.Load(source);
            var b = Vector256.Load(source + 8);
            var c = Vector256.Load(source + 16);
            var d = Vector256.Load(source + 24);
            var lanes = Vector256.Max(
                Vector256.Max(Vector256.Abs(a), Vector256.Abs(b)),
                Vector256.Max(Vector256.Abs(c), Vector256.Abs(d)));
            var four = Vector128.Max(lanes.GetLower(), lanes.GetUpper());
            four = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
            var largest = MathF.Max(four.ToScalar(), four.GetElement(1));
            var inverse = Vector256.Create(largest > 0 ? 127f / largest : 0f);
            scales[block] = largest / 127f;
            var low = Vector256.Narrow(ToInt(a * inverse), ToInt(b * inverse));
            var high = Vector256.Narrow(ToInt(c * inverse), ToInt(d * inverse));
            Vector256.Narrow(low, high).Store(quants);
        }
    }

    /// <summary>The reference of <see cref="Quantize"/>.</summary>
    public static void QuantizeScalar(float* source, int blocks, sbyte* quants, float* scales)
    {
        for (var block = 0; block < blocks; block++, source += Length, quants += Length)
        {
            var largest = 0f;
            for (var i = 0; i < Length; i++)
            {
                largest = MathF.Max(largest, MathF.Abs(source[i]));
            }

            var inverse = largest > 0 ? 127f / largest : 0f;
            scales[block] = largest / 127f;
            for (var i = 0; i < Length; i++)
            {
                quants[i] = (sbyte)MathF.Round(source[i] * inverse);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> ToInt(Vector256<float> values) => Vector256.ConvertToInt32(Vector256.Round(values));
}
