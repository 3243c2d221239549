using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Codes as unsigned bytes around 128, <see cref="CodeType.BiasedUInt8"/>: what vpdpbusd multiplies. One zero point for all formats means one
/// start for the sums of a block of activations, <see cref="ActivationBlockScale.Bias"/>.
/// </summary>
static unsafe class BiasedByteCodes
{
    public const int Bias = 128;

    /// <summary>Expands one packed block to bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TFormat>(byte* panel, UnpackedPanel unpacked)
        where TFormat : struct, IPanelFormat
    {
        if (TFormat.CodeType == CodeType.Int16)
        {
            TFormat.UnpackBiasedBytes(panel, unpacked);
            return;
        }

        TFormat.Unpack(panel, unpacked);
        AddBias(unpacked.Codes, TFormat.BlockLength * Panel.Rows, (byte)(Bias - TFormat.ZeroPoint));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> FromSigned(Vector256<sbyte> codes) => codes.AsByte() ^ Vector256.Create((byte)Bias);

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
