using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Noos.Language.Gguf;

/// <summary>
/// Conversion between 32-bit floats and the tensor types F32, F16 and Q8_0, bit for bit as ggml does it (quantize_row_q8_0_ref).
/// A Q8_0 block is 32 values: a scale as a 16-bit float, then 32 signed bytes.
/// </summary>
public static class Quantization
{
    const int BlockLength = 32;
    const int BlockBytes = sizeof(ushort) + BlockLength;

    /// <summary>Whether this program can compute with the type.</summary>
    public static bool Supports(GgufTensorType type) => type is GgufTensorType.F32 or GgufTensorType.F16 or GgufTensorType.Q8_0;

    /// <summary>Bytes to floats.</summary>
    /// <param name="type">F32, F16 or Q8_0.</param>
    /// <param name="source">Exactly the bytes of <paramref name="destination"/>'s values.</param>
    /// <param name="destination">Values; for Q8_0 a multiple of 32.</param>
    /// <exception cref="NoosException">The type is another one.</exception>
    public static void Dequantize(GgufTensorType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        CheckLengths(type, destination.Length, source.Length);
        switch (type)
        {
            case GgufTensorType.F32:
                source.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case GgufTensorType.F16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), destination);
                break;
            default:
                for (; !destination.IsEmpty; source = source[BlockBytes..], destination = destination[BlockLength..])
                {
                    DequantizeBlock(source[..BlockBytes], destination[..BlockLength]);
                }

                break;
        }
    }

    /// <summary>Floats to bytes, rounded to nearest. The values must be finite and, for F16, at most 65,504 in magnitude.</summary>
    /// <param name="type">F32, F16 or Q8_0.</param>
    /// <param name="source">Values; for Q8_0 a multiple of 32.</param>
    /// <param name="destination">Exactly the bytes of <paramref name="source"/>'s values.</param>
    /// <exception cref="NoosException">The type is another one.</exception>
    public static void Quantize(GgufTensorType type, ReadOnlySpan<float> source, Span<byte> destination)
    {
        CheckLengths(type, source.Length, destination.Length);
        switch (type)
        {
            case GgufTensorType.F32:
                MemoryMarshal.AsBytes(source).CopyTo(destination);
                break;
            case GgufTensorType.F16:
                TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<byte, Half>(destination));
                break;
            default:
                for (; !source.IsEmpty; source = source[BlockLength..], destination = destination[BlockBytes..])
                {
                    QuantizeBlock(source[..BlockLength], destination[..BlockBytes]);
                }

                break;
        }
    }

    static void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> values)
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            DequantizeBlockScalar(block, values);
            return;
        }

        var scale = Vector256.Create((float)BinaryPrimitives.ReadHalfLittleEndian(block));
        var (low, high) = Vector256.Widen(Vector256.Create(MemoryMarshal.Cast<byte, sbyte>(block[sizeof(ushort)..])));
        var (first, second) = Vector256.Widen(low);
        var (third, fourth) = Vector256.Widen(high);
        (Vector256.ConvertToSingle(first) * scale).CopyTo(values);
        (Vector256.ConvertToSingle(second) * scale).CopyTo(values[8..]);
        (Vector256.ConvertToSingle(third) * scale).CopyTo(values[16..]);
        (Vector256.ConvertToSingle(fourth) * scale).CopyTo(values[24..]);
    }

    static void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            QuantizeBlockScalar(values, block);
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
            .CopyTo(MemoryMarshal.Cast<byte, sbyte>(block[sizeof(ushort)..]));
    }

    internal static void DequantizeBlockScalar(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        for (var i = 0; i < BlockLength; i++)
        {
            values[i] = (sbyte)block[sizeof(ushort) + i] * scale;
        }
    }

    internal static void QuantizeBlockScalar(ReadOnlySpan<float> values, Span<byte> block)
    {
        var maximum = 0f;
        foreach (var value in values)
        {
            maximum = MathF.Max(maximum, MathF.Abs(value));
        }

        var inverse = WriteScale(maximum, block);
        for (var i = 0; i < BlockLength; i++)
        {
            block[sizeof(ushort) + i] = (byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }

    /// <summary>Writes the scale that maps <paramref name="maximum"/> to 127 and gives its inverse, from the scale before its rounding to 16 bits.</summary>
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

    static void CheckLengths(GgufTensorType type, int count, int bytes)
    {
        if (!Supports(type))
        {
            throw new NoosException($"Tensors of type {type} are not supported; convert the model to F32, F16 or Q8_0.");
        }

        var layout = GgufTensorLayout.Of(type);
        if (count % layout.BlockLength != 0 || layout.BytesOf(count) != bytes)
        {
            throw new ArgumentException($"{count} values of type {type} do not take {bytes} bytes.");
        }
    }
}
