using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Codes as unsigned bytes with bias 128, <see cref="CodeType.BiasedUInt8"/>: the unsigned operand of vpdpbusd. One bias for all formats
/// means one start value per block of activations, <see cref="ActivationBlockScale.Bias"/>, and one GEMM for all of them.
/// </summary>
static unsafe class BiasedByteCodes
{
    public const int Bias = 128;

    /// <summary>Unpacks one stored block to biased bytes, [blocks][8 groups][32 rows][4 columns].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TFormat>(byte* panel, UnpackedPanel unpacked)
        where TFormat : struct, IPanelFormat
    {
        if (TFormat.CodeType == CodeType.Int16)
        {
            // Int16 formats would lose their byte form by unpacking to int16 first, so they bring a second unpacker.
            TFormat.UnpackBiasedBytes(panel, unpacked);
            return;
        }

        TFormat.Unpack(panel, unpacked);
        // The bias only has to move from the format's zero point to 128: codes of at most 5 bits cannot overflow a byte.
        AddBias(unpacked.Codes, TFormat.BlockLength * Panel.Rows, (byte)(Bias - TFormat.ZeroPoint));
    }

    /// <summary>Signed codes plus 128: flipping the top bit of two's complement is that addition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> FromSigned(Vector256<sbyte> codes) => codes.AsByte() ^ Vector256.Create((byte)Bias);

    /// <summary>Converts <paramref name="count"/> signed codes, a multiple of 32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FromSigned(byte* signed, byte* codes, int count)
    {
        for (var i = 0; i < count; i += 32)
        {
            FromSigned(Vector256.Load((sbyte*)signed + i)).Store(codes + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void AddBias(byte* codes, int count, byte offset)
    {
        for (var i = 0; i < count; i += 32)
        {
            (Vector256.Load(codes + i) + Vector256.Create(offset)).Store(codes + i);
        }
    }
}
