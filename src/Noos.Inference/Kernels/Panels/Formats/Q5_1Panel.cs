using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels;

/// <summary>Q5_1: weight = code * scale + minimum. A panel has the low four bits, the fifth bits, the scales, the minima.</summary>
readonly unsafe struct Q5_1Panel : IEmittedFormat
{
    const int Fifth = Nibbles.ByteCount;
    const int Scale = Fifth + FifthBits.ByteCount;
    const int Minimum = Scale + (Panel.Rows * sizeof(ushort));

    public static GgufTensorType Type => GgufTensorType.Q5_1;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => Minimum + (Panel.Rows * sizeof(ushort));

    public static CodeForm Form => CodeForm.FiveBits;

    public static int ZeroPoint => 0;

    public static bool HasMinima => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow(byte* block, int row, byte* panel)
    {
        ((ushort*)(panel + Scale))[row] = *(ushort*)block;
        ((ushort*)(panel + Minimum))[row] = *((ushort*)block + 1);
        FifthBits.Pack(*(uint*)(block + (2 * sizeof(ushort))), row, panel + Fifth);
        Nibbles.PackPairs(block + (2 * sizeof(ushort)) + sizeof(uint), row, panel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        Nibbles.Expand(panel, expanded.Codes);
        FifthBits.Add(panel + Fifth, expanded.Codes);
        Rows32.Store(Rows32.Halves((ushort*)(panel + Scale)), expanded.Scales);
        Rows32.Store(Rows32.Halves((ushort*)(panel + Minimum)), expanded.Minima);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows32<int> Products<TLanes>(byte* panel, int block, sbyte* quants, BlockFactors* factors)
        where TLanes : struct, IIntegerLanes =>
        IntegerProducts.OfFiveBits<TLanes>(panel, panel + Fifth, quants, Vector256<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows32<float> Scales(byte* panel, int block, float* factors) => Rows32.Halves((ushort*)(panel + Scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows32<float> Minima(byte* panel, int block, float* factors) => Rows32.Halves((ushort*)(panel + Minimum));

    public static void EmitBlock(DirectEmitter emitter, int block)
    {
        emitter.MultiplyFiveBits(0, Fifth, block, ZeroPoint);
        emitter.LoadScales(Scale);
        emitter.AddProducts(block);
        emitter.LoadMinima(Minimum);
        emitter.AddMinima(block, areSubtracted: false);
    }
}
