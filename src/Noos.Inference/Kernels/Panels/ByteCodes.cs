using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Codes as unsigned bytes around 128, <see cref="CodeForm.Bytes"/>: what vpdpbusd multiplies. One zero point for all formats means one
/// start for the sums of a block of activations, <see cref="ActivationBlockScale.Zero"/>.
/// </summary>
static unsafe class ByteCodes
{
    public const int Zero = 128;

    /// <summary>Expands one packed block to bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Expand<TFormat>(byte* panel, ExpandedPanel expanded)
        where TFormat : struct, IPanelFormat
    {
        if (TFormat.Form == CodeForm.Words)
        {
            TFormat.ExpandBytes(panel, expanded);
            return;
        }

        TFormat.Expand(panel, expanded);
        Add(expanded.Codes, TFormat.BlockLength * Panel.Rows, (byte)(Zero - TFormat.ZeroPoint));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> FromSigned(Vector256<sbyte> codes) => codes.AsByte() ^ Vector256.Create((byte)Zero);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FromSigned(byte* signed, byte* codes, int count)
    {
        for (var i = 0; i < count; i += 32)
        {
            FromSigned(Vector256.Load((sbyte*)signed + i)).Store(codes + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Add(byte* codes, int count, byte offset)
    {
        for (var i = 0; i < count; i += 32)
        {
            (Vector256.Load(codes + i) + Vector256.Create(offset)).Store(codes + i);
        }
    }
}
