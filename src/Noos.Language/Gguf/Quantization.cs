using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Language.Gguf.Formats;

namespace Noos.Language.Gguf;

/// <summary>
/// Conversion between 32-bit floats and the tensor types of ggml, bit for bit as ggml does it without an importance
/// matrix (quantize_row_*_ref).
/// </summary>
public static class Quantization
{
    /// <summary>
    /// True for types that this class converts, in both directions. The types that the engine computes with are its own matter.
    /// </summary>
    public static bool Supports(GgufTensorType type) => type is GgufTensorType.F32 or GgufTensorType.F16 or GgufTensorType.BF16
        or GgufTensorType.Q8_0 or GgufTensorType.Q4_0 or GgufTensorType.Q4_1 or GgufTensorType.Q5_0 or GgufTensorType.Q5_1
        or GgufTensorType.Q2_K or GgufTensorType.Q3_K or GgufTensorType.Q4_K or GgufTensorType.Q5_K or GgufTensorType.Q6_K
        or GgufTensorType.IQ4_NL or GgufTensorType.IQ4_XS or GgufTensorType.MXFP4;

    /// <summary>Bytes to floats.</summary>
    /// <param name="type">One that is supported.</param>
    /// <param name="source">Exactly the bytes of <paramref name="destination"/>'s values.</param>
    /// <param name="destination">Values, a multiple of the type's block length.</param>
    /// <exception cref="NoosException">The type is not supported.</exception>
    public static void Dequantize(GgufTensorType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        var layout = CheckLengths(type, destination.Length, source.Length);
        switch (type)
        {
            case GgufTensorType.F32:
                source.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case GgufTensorType.F16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), destination);
                break;
            case GgufTensorType.BF16:
                BFloat16.ToSingle(MemoryMarshal.Cast<byte, ushort>(source), destination);
                break;
            case GgufTensorType.Q8_0:
                Dequantize<Q8_0Format>(layout, source, destination);
                break;
            case GgufTensorType.Q4_0:
                Dequantize<Q4_0Format>(layout, source, destination);
                break;
            case GgufTensorType.Q4_1:
                Dequantize<Q4_1Format>(layout, source, destination);
                break;
            case GgufTensorType.Q5_0:
                Dequantize<Q5_0Format>(layout, source, destination);
                break;
            case GgufTensorType.Q5_1:
                Dequantize<Q5_1Format>(layout, source, destination);
                break;
            case GgufTensorType.Q2_K:
                Dequantize<Q2_KFormat>(layout, source, destination);
                break;
            case GgufTensorType.Q3_K:
                Dequantize<Q3_KFormat>(layout, source, destination);
                break;
            case GgufTensorType.Q4_K:
                Dequantize<Q4_KFormat>(layout, source, destination);
                break;
            case GgufTensorType.Q5_K:
                Dequantize<Q5_KFormat>(layout, source, destination);
                break;
            case GgufTensorType.Q6_K:
                Dequantize<Q6_KFormat>(layout, source, destination);
                break;
            case GgufTensorType.IQ4_NL:
                Dequantize<IQ4_NLFormat>(layout, source, destination);
                break;
            case GgufTensorType.IQ4_XS:
                Dequantize<IQ4_XSFormat>(layout, source, destination);
                break;
            default:
                Dequantize<MXFP4Format>(layout, source, destination);
                break;
        }
    }

    /// <summary>
    /// Floats to bytes. The values must be finite and, for any type but F32, BF16 and MXFP4, at most 65,504 in magnitude.
    /// </summary>
    /// <param name="type">One that is supported.</param>
    /// <param name="source">Values, a multiple of the type's block length.</param>
    /// <param name="destination">Exactly the bytes of <paramref name="source"/>'s values.</param>
    /// <exception cref="NoosException">The type is not supported.</exception>
    public static void Quantize(GgufTensorType type, ReadOnlySpan<float> source, Span<byte> destination)
    {
        var layout = CheckLengths(type, source.Length, destination.Length);
        switch (type)
        {
            case GgufTensorType.F32:
                MemoryMarshal.AsBytes(source).CopyTo(destination);
                break;
            case GgufTensorType.F16:
                TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<byte, Half>(destination));
                break;
            case GgufTensorType.BF16:
                BFloat16.FromSingle(source, MemoryMarshal.Cast<byte, ushort>(destination));
                break;
            case GgufTensorType.Q8_0:
                Quantize<Q8_0Format>(layout, source, destination);
                break;
            case GgufTensorType.Q4_0:
                Quantize<Q4_0Format>(layout, source, destination);
                break;
            case GgufTensorType.Q4_1:
                Quantize<Q4_1Format>(layout, source, destination);
                break;
            case GgufTensorType.Q5_0:
                Quantize<Q5_0Format>(layout, source, destination);
                break;
            case GgufTensorType.Q5_1:
                Quantize<Q5_1Format>(layout, source, destination);
                break;
            case GgufTensorType.Q2_K:
                Quantize<Q2_KFormat>(layout, source, destination);
                break;
            case GgufTensorType.Q3_K:
                Quantize<Q3_KFormat>(layout, source, destination);
                break;
            case GgufTensorType.Q4_K:
                Quantize<Q4_KFormat>(layout, source, destination);
                break;
            case GgufTensorType.Q5_K:
                Quantize<Q5_KFormat>(layout, source, destination);
                break;
            case GgufTensorType.Q6_K:
                Quantize<Q6_KFormat>(layout, source, destination);
                break;
            case GgufTensorType.IQ4_NL:
                Quantize<IQ4_NLFormat>(layout, source, destination);
                break;
            case GgufTensorType.IQ4_XS:
                Quantize<IQ4_XSFormat>(layout, source, destination);
                break;
            default:
                Quantize<MXFP4Format>(layout, source, destination);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Dequantize<TFormat>(GgufTensorLayout layout, ReadOnlySpan<byte> source, Span<float> destination)
        where TFormat : struct, IBlockFormat
    {
        for (; !destination.IsEmpty; source = source[layout.BlockBytes..], destination = destination[layout.BlockLength..])
        {
            TFormat.Dequantize(source[..layout.BlockBytes], destination[..layout.BlockLength]);
        }
    }

    // Such loops run for seconds, long before the runtime would compile them a second time for speed; so in all of the formats.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Quantize<TFormat>(GgufTensorLayout layout, ReadOnlySpan<float> source, Span<byte> destination)
        where TFormat : struct, IBlockFormat
    {
        for (; !source.IsEmpty; source = source[layout.BlockLength..], destination = destination[layout.BlockBytes..])
        {
            TFormat.Quantize(source[..layout.BlockLength], destination[..layout.BlockBytes]);
        }
    }

    static GgufTensorLayout CheckLengths(GgufTensorType type, int count, int bytes)
    {
        if (!Supports(type))
        {
            throw new NoosException($"Tensors of type {type} are not supported; convert the model to another type, such as Q4_K or Q8_0.");
        }

        var layout = GgufTensorLayout.For(type);
        return count % layout.BlockLength == 0 && layout.BytesOf(count) == bytes
            ? layout
            : throw new ArgumentException($"{count} values of type {type} do not take {bytes} bytes.");
    }
}
