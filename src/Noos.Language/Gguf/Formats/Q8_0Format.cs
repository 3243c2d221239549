using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Noos.Language.Gguf.Formats;

/// <summary>32 values: a scale as a 16-bit float, then 32 signed bytes.</summary>
readonly struct Q8_0Format : IBlockFormat
{
    const int BlockLength = 32;
    const int Values = sizeof(ushort);

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            DequantizeScalar(block, values);
            return;
        }

        var scale = Vector256.Create((float)BinaryPrimitives.ReadHalfLittleEndian(block));
        var (low, high) = Vector256.Widen(Vector256.Create(MemoryMarshal.Cast<byte, sbyte>(block[Values..])));
        var (first, second) = Vector256.Widen(low);
        var (third, fourth) = Vector256.Widen(high);
        (Vector256.ConvertToSingle(first) * scale).CopyTo(values);
        (Vector256.ConvertToSingle(second) * scale).CopyTo(values[8..]);
        (Vector256.ConvertToSingle(third) * scale).CopyTo(values[16..]);
        (Vector256.ConvertToSingle(fourth) * scale).CopyTo(values[24..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            QuantizeScalar(values, block);
            return;
        }

        var first = Vector256.Create(values);
        var second = Vector256.Create(values[8..]);
        var third = Vector256.Create(values[16..]);
        var fourth = Vector256.Create(values[24..]);
        var largest = Vector256.Max(
            Vector256.Max(Vector256.Abs(first), Vector256.Abs(second)),
            Vector256.Max(Vector256.Abs(third), Vector256.Abs(fourth)));
        var maximum = 0f;
        for (var i = 0; i < Vector256<float>.Count; i++)
        {
            maximum = MathF.Max(maximum, largest[i]);
        }

        var inverse = Vector256.Create(WriteScale(maximum, block));
        Vector256.Narrow(
            Vector256.Narrow(Round(first * inverse), Round(second * inverse)),
            Vector256.Narrow(Round(third * inverse), Round(fourth * inverse)))
            .CopyTo(MemoryMarshal.Cast<byte, sbyte>(block[Values..]));
    }

    internal static void DequantizeScalar(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        for (var i = 0; i < BlockLength; i++)
        {
            values[i] = (sbyte)block[Values + i] * scale;
        }
    }

    internal static void QuantizeScalar(ReadOnlySpan<float> values, Span<byte> block)
    {
        var maximum = 0f;
        foreach (var value in values)
        {
            maximum = MathF.Max(maximum, MathF.Abs(value));
        }

        var inverse = WriteScale(maximum, block);
        for (var i = 0; i < BlockLength; i++)
        {
            block[Values + i] = (byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }

    /// <summary>
    /// Writes the scale that maps <paramref name="maximum"/> to 127 and gives its inverse, from the scale before its rounding to 16 bits.
    /// </summary>
    static float WriteScale(float maximum, Span<byte> block)
    {
        var scale = maximum / 127;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);

        // The inverse of a scale below 2^-128 is infinite; such a scale is stored as zero anyway.
        var inverse = 1 / scale;
        return float.IsFinite(inverse) ? inverse : 0;
    }

    /// <summary>Halves away from zero, as C's roundf: vector instructions only know halves to even.</summary>
    static Vector256<int> Round(Vector256<float> values)
    {
        var whole = Vector256.Truncate(values);
        var away = Vector256.GreaterThanOrEqual(Vector256.Abs(values - whole), Vector256.Create(0.5f));
        var step = Vector256.CopySign(Vector256<float>.One, values);
        return Vector256.ConvertToInt32(whole + (step & away));
    }
}
