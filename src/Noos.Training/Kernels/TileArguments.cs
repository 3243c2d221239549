using System.Runtime.InteropServices;

namespace Noos.Training.Kernels;

/// <summary>Arguments of a tile product; the offsets are part of the emitted code.</summary>
[StructLayout(LayoutKind.Explicit)]
unsafe struct TileArguments
{
    public const int LeftOffset = 0;
    public const int PanelOffset = 8;
    public const int ChunksOffset = 16;
    public const int OutputOffset = 24;
    public const int OutputStrideOffset = 32;
    public const int PrefetchOffset = 40;

    /// <summary>Left operand, laid out as a <see cref="TileLayout"/> says.</summary>
    [FieldOffset(LeftOffset)]
    public uint* Left;

    /// <summary>Right operand: [cells, <see cref="TileKernel.Columns"/>].</summary>
    [FieldOffset(PanelOffset)]
    public uint* Panel;

    /// <summary>Chunks of cells along the sum, at least one: the loop tests at its end.</summary>
    [FieldOffset(ChunksOffset)]
    public nint Chunks;

    /// <summary>First value of the tile.</summary>
    [FieldOffset(OutputOffset)]
    public float* Output;

    /// <summary>Bytes between rows of the output.</summary>
    [FieldOffset(OutputStrideOffset)]
    public nint OutputStride;

    /// <summary>
    /// Memory that will be read next, <see cref="TileKernel.PrefetchBytes"/> per chunk; any address will do, a kernel may leave it alone.
    /// </summary>
    [FieldOffset(PrefetchOffset)]
    public byte* Prefetch;
}
