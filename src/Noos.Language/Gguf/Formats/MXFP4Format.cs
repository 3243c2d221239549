using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// 32 values of the OCP microscaling format MXFP4 (https://www.opencompute.org/documents/ocp-microscaling-formats-mx-v1-0-spec-final-pdf):
/// the exponent of a power of two, then E2M1 numbers as <see cref="NibbleLevels"/>.
/// </summary>
readonly struct MXFP4Format : IBlockFormat
{
    /// <summary>The E2M1 numbers, doubled to make them whole.</summary>
    static ReadOnlySpan<sbyte> Doubled => [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = HalfScale(block[0]);
        var numbers = Doubled;
        for (var i = 0; i < NibbleLevels.Bytes; i++)
        {
            values[i] = numbers[block[1 + i] & 0xF] * scale;
            values[NibbleLevels.Bytes + i] = numbers[block[1 + i] >> 4] * scale;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        // The largest E2M1 number, 6, has the exponent 2.
        var magnitude = MathF.Abs(BlockRange.Extreme(values));
        block[0] = magnitude > 0 ? (byte)(int)(MathF.Floor(MathF.Log2(magnitude)) - 2 + 127) : (byte)0;
        var scale = HalfScale(block[0]);
        var levels = Vector256.Narrow(
            Vector256.Narrow(Nearest(values, scale), Nearest(values[8..], scale)),
            Vector256.Narrow(Nearest(values[16..], scale), Nearest(values[24..], scale)));
        NibbleLevels.Write(levels.AsByte(), block[1..]);
    }

    /// <summary>Half of 2^(exponent - 127), against the doubling of the numbers.</summary>
    static float HalfScale(byte exponent) =>
        exponent < 2 ? BitConverter.UInt32BitsToSingle(0x00200000u << exponent)
            : BitConverter.UInt32BitsToSingle((uint)(exponent - 1) << 23);

    /// <summary>The first of the nearest numbers to each of eight values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static Vector256<int> Nearest(ReadOnlySpan<float> values, float scale)
    {
        var value = Vector256.Create(values);
        var best = Vector256<int>.Zero;
        var smallest = Vector256.Abs(value);
        for (var i = 1; i < Doubled.Length; i++)
        {
            var error = Vector256.Abs(Vector256.Create(Doubled[i] * scale) - value);
            var nearer = Vector256.LessThan(error, smallest);
            best = Vector256.ConditionalSelect(nearer.AsInt32(), Vector256.Create(i), best);
            smallest = Vector256.ConditionalSelect(nearer, error, smallest);
        }

        return best;
    }
}
