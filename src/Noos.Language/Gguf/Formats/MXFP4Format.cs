namespace Noos.Language.Gguf.Formats;

/// <summary>
/// 32 values of the OCP microscaling format MXFP4 (https://www.opencompute.org/documents/ocp-microscaling-formats-mx-v1-0-spec-final-pdf):
/// the exponent of a power of two, then 16 bytes of E2M1 numbers with value i in the low and i + 16 in the high half.
/// </summary>
readonly struct MXFP4Format : IBlockFormat
{
    const int Pairs = 16;

    /// <summary>The E2M1 numbers, doubled to make them whole.</summary>
    static ReadOnlySpan<sbyte> Doubled => [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = HalfScale(block[0]);
        for (var i = 0; i < Pairs; i++)
        {
            values[i] = Doubled[block[1 + i] & 0xF] * scale;
            values[Pairs + i] = Doubled[block[1 + i] >> 4] * scale;
        }
    }

    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        // The largest E2M1 number, 6, has the exponent 2.
        var magnitude = MathF.Abs(BlockRange.Extreme(values));
        block[0] = magnitude > 0 ? (byte)(int)(MathF.Floor(MathF.Log2(magnitude)) - 2 + 127) : (byte)0;
        var scale = HalfScale(block[0]);
        for (var i = 0; i < Pairs; i++)
        {
            block[1 + i] = (byte)(Nearest(values[i], scale) | (Nearest(values[Pairs + i], scale) << 4));
        }
    }

    /// <summary>Pairs of 2^(exponent - 127), against the doubling of the numbers.</summary>
    static float HalfScale(byte exponent) =>
        exponent < 2 ? BitConverter.UInt32BitsToSingle(0x00200000u << exponent) : BitConverter.UInt32BitsToSingle((uint)(exponent - 1) << 23);

    static int Nearest(float value, float scale)
    {
        var best = 0;
        var smallest = MathF.Abs(value);
        for (var i = 1; i < Doubled.Length; i++)
        {
            var error = MathF.Abs((Doubled[i] * scale) - value);
            if (error < smallest)
            {
                (best, smallest) = (i, error);
            }
        }

        return best;
    }
}
