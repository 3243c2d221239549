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

    public static CodeForm Form => CodeForm.FiveBits;

    public static int ZeroPoint => 12;

    public static bool HasMinima => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow(byte* block, int row, byte* panel)
    {
        NibblePlane.PackPairs(block + 1, row, panel);
        panel[NibblePlane.ByteCount + row] = block[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        for (var i = 0; i < NibblePlane.ByteCount; i += 32)
        {
            var both = Vector256.Load(panel + i);
            Codes(NibblePlane.Low(both)).Store(expanded.Codes + i);
            Codes(NibblePlane.High(both)).Store(expanded.Codes + NibblePlane.ByteCount + i);
        }

        PanelRow.Store(Scales(panel, 0, factors: null), expanded.Scales);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> Products<TLanes>(byte* panel, int block, sbyte* quants, ActivationBlockScale* factors)
        where TLanes : struct, IDotProductIsa
    {
        var offset = Vector256.Create(ZeroPoint * factors->Sum);
        return new(
            EightRows<TLanes>(panel, quants) - offset, EightRows<TLanes>(panel + 32, quants) - offset,
            EightRows<TLanes>(panel + 64, quants) - offset, EightRows<TLanes>(panel + 96, quants) - offset);
    }

    /// <summary>Half of 2^(exponent - 127).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Scales(byte* panel, int block, float* factors)
    {
        var exponents = PanelRow.Integers(panel + NibblePlane.ByteCount);
        return new(HalfOfPower(exponents.A), HalfOfPower(exponents.B), HalfOfPower(exponents.C), HalfOfPower(exponents.D));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> HalfOfPower(Vector256<int> exponent)
    {
        // The two smallest are subnormal floats.
        var subnormal = Vector256.ShiftLeft(exponent + Vector256<int>.One, 21);
        var normal = Vector256.ShiftLeft(exponent - Vector256<int>.One, 23);
        return Vector256.ConditionalSelect(Vector256.GreaterThan(exponent, Vector256<int>.One), normal, subnormal).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<int> EightRows<TLanes>(byte* packed, sbyte* quants)
        where TLanes : struct, IDotProductIsa
    {
        const int GroupBytes = Panel.Rows * 4;
        var sums = Vector256<int>.Zero;
        for (var group = 0; group < 4; group++)
        {
            var both = Vector256.Load(packed);
            var low = Codes(NibblePlane.Low(both));
            var high = Codes(NibblePlane.High(both));
            sums = TLanes.HasDot
                ? TLanes.Dot(TLanes.Dot(sums, low, IntegerProducts.Broadcast(quants)), high, IntegerProducts.Broadcast(quants + 16))
                : sums + IntegerProducts.Whole<TLanes>(TLanes.Pairs(low, IntegerProducts.Broadcast(quants)) + TLanes.Pairs(high, IntegerProducts.Broadcast(quants + 16)));
            packed += GroupBytes;
            quants += 4;
        }

        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<byte> Codes(Vector256<byte> codes)
    {
        var table = Vector128.Create((byte)12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0);
        return Vector256.Create(Vector128.Shuffle(table, codes.GetLower()), Vector128.Shuffle(table, codes.GetUpper()));
    }
}
