using System.Runtime.InteropServices;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>What the code of <see cref="GemmTileEmitter"/> is given. Strides are in bytes.</summary>
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

    /// <summary>Minima and half scales follow at the distances of <see cref="PanelScratch"/>.</summary>
    [FieldOffset(ScalesOffset)]
    public float* Scales;

    /// <summary>At least one.</summary>
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

    /// <summary>Memory that will be read soon: one cache line of it a block is fetched.</summary>
    [FieldOffset(PrefetchPointerOffset)]
    public byte* PrefetchPointer;
}
