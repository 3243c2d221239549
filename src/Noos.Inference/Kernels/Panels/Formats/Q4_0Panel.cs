using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels;

/// <summary>Q4_0: weight = (code - 8) * scale. A panel has the codes, then the half-precision scales.</summary>
readonly unsafe struct Q4_0Panel : IEmittedFormat
{
    public static GgufTensorType Type => GgufTensorType.Q4_0;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => Nibbles.ByteCount + (Panel.Rows * sizeof(ushort));

    public static CodeForm Form => CodeForm.FourBits;

    public static int ZeroPoint => 8;

    public static bool HasMinima => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow(byte* block, int row, byte* panel)
    {
        Nibbles.PackPairs(block + sizeof(ushort), row, panel);
        ((ushort*)(panel + Nibbles.ByteCount))[row] = *(ushort*)block;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        Nibbles.Expand(panel, expanded.Codes);
        Rows32.Store(Rows32.Halves((ushort*)(panel + Nibbles.ByteCount)), expanded.Scales);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows32<int> Products<TLanes>(byte* panel, int block, sbyte* quants, BlockFactors* factors)
        where TLanes : struct, IIntegerLanes =>
        IntegerProducts.OfNibbles<TLanes>(panel, quants, Vector256.ShiftLeft(Vector256.Create(factors->Sum), 3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows32<float> Scales(byte* panel, int block, float* factors) => Rows32.Halves((ushort*)(panel + Nibbles.ByteCount));

    public static void EmitBlock(DirectEmitter emitter, int block)
    {
        emitter.MultiplyNibbles(0, block, ZeroPoint);
        emitter.LoadScales(Nibbles.ByteCount);
        emitter.AddProducts(block);
    }
}
