using System.Runtime.InteropServices;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>Arguments of the code of <see cref="GemmTileEmitter"/>; the offsets are part of the code. Strides are in bytes.</summary>
[StructLayout(LayoutKind.Explicit)]
unsafe struct GemmTileArguments
{
    public const int CodesOffset = 0;
    public const int ScalesOffset = 8;
    public const int BlocksOffset = 16;
    public const int QuantsOffset = 24;
    public const int QuantStrideOffset = 32;
    public const int BlockScalesOffset = 40;
    public const int BlockScaleStrideOffset = 48;
    public const int OutputOffset = 56;
    public const int OutputStrideOffset = 64;
    public const int PrefetchPointerOffset = 72;

    [FieldOffset(CodesOffset)]
    public byte* Codes;

    /// <summary>[blocks][32 rows]; minima and half-block scales follow at the distances of <see cref="PanelScratch"/>.</summary>
    [FieldOffset(ScalesOffset)]
    public float* Scales;

    /// <summary>Blocks of 32 columns, at least one: the loop tests at its end.</summary>
    [FieldOffset(BlocksOffset)]
    public nint Blocks;

    [FieldOffset(QuantsOffset)]
    public sbyte* Quants;

    [FieldOffset(QuantStrideOffset)]
    public nint QuantStride;

    [FieldOffset(BlockScalesOffset)]
    public ActivationBlockScale* BlockScales;

    [FieldOffset(BlockScaleStrideOffset)]
    public nint BlockScaleStride;

    [FieldOffset(OutputOffset)]
    public float* Output;

    [FieldOffset(OutputStrideOffset)]
    public nint OutputStride;

    /// <summary>Memory to prefetch: one cache line per block.</summary>
    [FieldOffset(PrefetchPointerOffset)]
    public byte* PrefetchPointer;
}
