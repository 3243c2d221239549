using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// MXFP4 (OCP Microscaling Formats 1.0): four-bit floats, 0 to 6 in steps of a half and up, with a power of two for 32 of them. Twice
/// the values are whole numbers in -12 .. 12, held here as codes around 12. A panel has the codes, then the exponents.
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
        NibblePlane.PackPairs(block + 1, row, panel);
        panel[NibblePlane.ByteCount + row] = block[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* panel, UnpackedPanel unpacked)
    {
        for (var i = 0; i < NibblePlane.ByteCount; i += 32)
        {
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
        var offset = Vector256.Create(ZeroPoint * blockScales->Sum);
        return new(
            DotEightRows<TDot>(panel, quants) - offset, DotEightRows<TDot>(panel + 32, quants) - offset,
            DotEightRows<TDot>(panel + 64, quants) - offset, DotEightRows<TDot>(panel + 96, quants) - offset);
    }

    /// <summary>Half of 2^(exponent - 127).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadScales(byte* panel, int block, float* superScales)
    {
        var exponents = PanelRow.LoadBytes(panel + NibblePlane.ByteCount);
        return new(HalfOfE8M0(exponents.A), HalfOfE8M0(exponents.B), HalfOfE8M0(exponents.C), HalfOfE8M0(exponents.D));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> HalfOfE8M0(Vector256<int> exponent)
    {
        // The two smallest are subnormal floats.
        var subnormal = Vector256.ShiftLeft(exponent + Vector256<int>.One, 21);
        var normal = Vector256.ShiftLeft(exponent - Vector256<int>.One, 23);
        return Vector256.ConditionalSelect(Vector256.GreaterThan(exponent, Vector256<int>.One), normal, subnormal).AsSingle();
    }

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
            sums = TDot.HasDotAccumulate
                ? TDot.DotAccumulate(TDot.DotAccumulate(sums, low, BlockDot.Broadcast(quants)), high, BlockDot.Broadcast(quants + 16))
                : sums + BlockDot.WidenPairs<TDot>(TDot.MultiplyAddPairs(low, BlockDot.Broadcast(quants)) + TDot.MultiplyAddPairs(high, BlockDot.Broadcast(quants + 16)));
            packed += GroupBytes;
            quants += 4;
        }

        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<byte> LookUp(Vector256<byte> codes)
    {
        var table = Vector128.Create((byte)12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0);
        return Vector256.Create(Vector128.Shuffle(table, codes.GetLower()), Vector128.Shuffle(table, codes.GetUpper()));
    }
}
