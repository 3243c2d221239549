using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>The 16 values that the four-bit codes of IQ4_NL and IQ4_XS stand for: closer together around zero, as weights are.</summary>
static unsafe class IQ4Codebook
{
    const int GroupBytes = Panel.Rows * 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* packed, short* int16Codes)
    {
        for (var i = 0; i < NibblePlane.ByteCount; i += 32)
        {
            var both = Vector256.Load(packed + i);
            var destination = int16Codes + (i / GroupBytes * GroupBytes) + (i % GroupBytes / 2);
            Int16Codes.Widen(LookUp(NibblePlane.ExtractLow(both)), destination);
            Int16Codes.Widen(LookUp(NibblePlane.ExtractHigh(both)), destination + (4 * GroupBytes));
        }
    }

    /// <summary>The same as bytes around 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void UnpackBiasedBytes(byte* packed, byte* codes)
    {
        for (var i = 0; i < NibblePlane.ByteCount; i += 32)
        {
            var both = Vector256.Load(packed + i);
            BiasedByteCodes.FromSigned(LookUp(NibblePlane.ExtractLow(both))).Store(codes + i);
            BiasedByteCodes.FromSigned(LookUp(NibblePlane.ExtractHigh(both))).Store(codes + NibblePlane.ByteCount + i);
        }
    }

    /// <summary>Sums of their products with one token's activations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotBlock<TDot>(byte* packed, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa => new(
            DotEightRows<TDot>(packed, quants, blockScales), DotEightRows<TDot>(packed + 32, quants, blockScales),
            DotEightRows<TDot>(packed + 64, quants, blockScales), DotEightRows<TDot>(packed + 96, quants, blockScales));

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<int> DotEightRows<TDot>(byte* packed, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa
    {
        var sums = TDot.HasDotAccumulate ? Vector256.Create(blockScales->Bias) : Vector256<int>.Zero;
        for (var group = 0; group < 4; group++)
        {
            var both = Vector256.Load(packed);
            var low = LookUp(NibblePlane.ExtractLow(both));
            var high = LookUp(NibblePlane.ExtractHigh(both));
            if (TDot.HasDotAccumulate)
            {
                sums = TDot.DotAccumulate(sums, BiasedByteCodes.FromSigned(low), BlockDot.Broadcast(quants));
                sums = TDot.DotAccumulate(sums, BiasedByteCodes.FromSigned(high), BlockDot.Broadcast(quants + 16));
            }
            else
            {
                sums += BlockDot.WidenPairs<TDot>(TDot.MultiplyAddSignedPairs(low, BlockDot.Broadcast(quants)));
                sums += BlockDot.WidenPairs<TDot>(TDot.MultiplyAddSignedPairs(high, BlockDot.Broadcast(quants + 16)));
            }

            packed += GroupBytes;
            quants += 4;
        }

        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<sbyte> LookUp(Vector256<byte> codes)
    {
        var table = Vector128.Create((sbyte)-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
        return Vector256.Create(Vector128.Shuffle(table, codes.GetLower().AsSByte()), Vector128.Shuffle(table, codes.GetUpper().AsSByte()));
    }
}
