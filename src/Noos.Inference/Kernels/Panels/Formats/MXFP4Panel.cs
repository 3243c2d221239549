using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// MXFP4 (OCP Microscaling Formats 1.0): E2M1 floats, magnitudes 0, 0.5, 1, 1.5, 2, 3, 4, 6, with a power of two (E8M0) per 32 of them.
/// Twice the values are integers in -12 .. 12, held as codes around 12. A panel has the codes as <see cref="NibblePlane"/>,
/// then [32 rows] exponents.
/// </summary>
readonly unsafe struct MXFP4Panel : IPanelFormat
{
    public static GgufTensorType Type => GgufTensorType.MXFP4;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => NibblePlane.ByteCount + Panel.Rows;

    public static CodeType CodeType => CodeType.UInt5;

    public static int ZeroPoint => 12;

    public static bool HasMinima => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBlock(byte* block, int row, byte* panel)
    {
        // ggml's block is the exponent, then 16 bytes that pair columns j and j + 16.
        NibblePlane.PackPairs(block + 1, row, panel);
        panel[NibblePlane.ByteCount + row] = block[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* panel, UnpackedPanel unpacked)
    {
        for (var i = 0; i < NibblePlane.ByteCount; i += 32)
        {
            // As NibblePlane.Unpack, with the table look-up between.
            var both = Vector256.Load(panel + i);
            LookUp(NibblePlane.ExtractLow(both)).Store(unpacked.Codes + i);
            LookUp(NibblePlane.ExtractHigh(both)).Store(unpacked.Codes + NibblePlane.ByteCount + i);
        }

        PanelRow.Store(LoadScales(panel, 0, superScales: null), unpacked.Scales);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotBlock<TDot>(byte* panel, int block, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa
    {
        // 12 is no power of two, so no shift; one scalar product per block serves all rows.
        var offset = Vector256.Create(ZeroPoint * blockScales->Sum);
        return new(
            DotEightRows<TDot>(panel, quants) - offset, DotEightRows<TDot>(panel + 32, quants) - offset,
            DotEightRows<TDot>(panel + 64, quants) - offset, DotEightRows<TDot>(panel + 96, quants) - offset);
    }

    /// <summary>Half of 2^(exponent - 127), since codes are twice the values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadScales(byte* panel, int block, float* superScales)
    {
        var exponents = PanelRow.LoadBytes(panel + NibblePlane.ByteCount);
        return new(HalfOfE8M0(exponents.A), HalfOfE8M0(exponents.B), HalfOfE8M0(exponents.C), HalfOfE8M0(exponents.D));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> HalfOfE8M0(Vector256<int> exponent)
    {
        // 2^(e - 128) has the biased exponent e - 1. For e = 0 and 1 it is subnormal: 2^-128 and 2^-127 are bits 21 and 22 of the fraction.
        var subnormal = Vector256.ShiftLeft(exponent + Vector256<int>.One, 21);
        var normal = Vector256.ShiftLeft(exponent - Vector256<int>.One, 23);
        return Vector256.ConditionalSelect(Vector256.GreaterThan(exponent, Vector256<int>.One), normal, subnormal).AsSingle();
    }

    /// <summary>Eight rows. Not inlined: four of these in one method do not fit 16 registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<int> DotEightRows<TDot>(byte* packed, sbyte* quants)
        where TDot : struct, IDotProductIsa
    {
        const int GroupBytes = Panel.Rows * 4;
        var sums = Vector256<int>.Zero;
        for (var group = 0; group < 4; group++)
        {
            var both = Vector256.Load(packed);
            var low = LookUp(NibblePlane.ExtractLow(both));
            var high = LookUp(NibblePlane.ExtractHigh(both));
            // Codes are unsigned (0 .. 24), so vpdpbusd takes them without a bias.
            sums = TDot.HasDotAccumulate
                ? TDot.DotAccumulate(TDot.DotAccumulate(sums, low, BlockDot.Broadcast(quants)), high, BlockDot.Broadcast(quants + 16))
                // Two pair sums of codes up to 24 are at most 12192: int16 holds them.
                : sums + BlockDot.WidenPairs<TDot>(
                    TDot.MultiplyAddPairs(low, BlockDot.Broadcast(quants)) + TDot.MultiplyAddPairs(high, BlockDot.Broadcast(quants + 16)));
            packed += GroupBytes;
            quants += 4;
        }

        return sums;
    }

    /// <summary>Code = 12 + twice the E2M1 value; nibbles 8 .. 15 have the sign bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<byte> LookUp(Vector256<byte> codes)
    {
        var table = Vector128.Create((byte)12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0);
        // vpshufb looks up 16 entries within 128-bit lanes, so both halves use the same table.
        return Vector256.Create(Vector128.Shuffle(table, codes.GetLower()), Vector128.Shuffle(table, codes.GetUpper()));
    }
}
