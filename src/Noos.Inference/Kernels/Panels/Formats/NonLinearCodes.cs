using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>The 16 values that the four-bit codes of IQ4_NL and IQ4_XS stand for: closer together around zero, as weights are.</summary>
static unsafe class NonLinearCodes
{
    const int GroupBytes = Panel.Rows * 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* packed, short* words)
    {
        for (var i = 0; i < NibblePlane.ByteCount; i += 32)
        {
            var both = Vector256.Load(packed + i);
            var destination = words + (i / GroupBytes * GroupBytes) + (i % GroupBytes / 2);
            Int16Codes.Store(Values(NibblePlane.Low(both)), destination);
            Int16Codes.Store(Values(NibblePlane.High(both)), destination + (4 * GroupBytes));
        }
    }

    /// <summary>The same as bytes around 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ExpandBytes(byte* packed, byte* codes)
    {
        for (var i = 0; i < NibblePlane.ByteCount; i += 32)
        {
            var both = Vector256.Load(packed + i);
            ByteCodes.FromSigned(Values(NibblePlane.Low(both))).Store(codes + i);
            ByteCodes.FromSigned(Values(NibblePlane.High(both))).Store(codes + NibblePlane.ByteCount + i);
        }
    }

    /// <summary>Sums of their products with one token's activations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> Products<TLanes>(byte* packed, sbyte* quants, ActivationBlockScale* factors)
        where TLanes : struct, IDotProductIsa => new(
            EightRows<TLanes>(packed, quants, factors), EightRows<TLanes>(packed + 32, quants, factors),
            EightRows<TLanes>(packed + 64, quants, factors), EightRows<TLanes>(packed + 96, quants, factors));

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<int> EightRows<TLanes>(byte* packed, sbyte* quants, ActivationBlockScale* factors)
        where TLanes : struct, IDotProductIsa
    {
        var sums = TLanes.HasDot ? Vector256.Create(factors->Zero) : Vector256<int>.Zero;
        for (var group = 0; group < 4; group++)
        {
            var both = Vector256.Load(packed);
            var low = Values(NibblePlane.Low(both));
            var high = Values(NibblePlane.High(both));
            if (TLanes.HasDot)
            {
                sums = TLanes.Dot(sums, ByteCodes.FromSigned(low), IntegerProducts.Broadcast(quants));
                sums = TLanes.Dot(sums, ByteCodes.FromSigned(high), IntegerProducts.Broadcast(quants + 16));
            }
            else
            {
                sums += IntegerProducts.Whole<TLanes>(TLanes.SignedPairs(low, IntegerProducts.Broadcast(quants)));
                sums += IntegerProducts.Whole<TLanes>(TLanes.SignedPairs(high, IntegerProducts.Broadcast(quants + 16)));
            }

            packed += GroupBytes;
            quants += 4;
        }

        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<sbyte> Values(Vector256<byte> codes)
    {
        var table = Vector128.Create((sbyte)-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
        return Vector256.Create(Vector128.Shuffle(table, codes.GetLower().AsSByte()), Vector128.Shuffle(table, codes.GetUpper().AsSByte()));
    }
}
