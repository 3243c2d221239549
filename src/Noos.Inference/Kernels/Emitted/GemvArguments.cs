using System.Runtime.InteropServices;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>Arguments of the code of <see cref="GemvEmitter"/>; the offsets are part of the code.</summary>
[StructLayout(LayoutKind.Explicit)]
unsafe struct GemvArguments
{
    public const int PanelOffset = 0;
    public const int BlocksOffset = 8;
    public const int QuantsOffset = 16;
    public const int BlockScalesOffset = 24;
    public const int OutputOffset = 32;

    [FieldOffset(PanelOffset)]
    public byte* Panel;

    /// <summary>Stored blocks (32 or 256 columns), at least one: the loop tests at its end.</summary>
    [FieldOffset(BlocksOffset)]
    public nint Blocks;

    [FieldOffset(QuantsOffset)]
    public sbyte* Quants;

    [FieldOffset(BlockScalesOffset)]
    public ActivationBlockScale* BlockScales;

    [FieldOffset(OutputOffset)]
    public float* Output;
}
