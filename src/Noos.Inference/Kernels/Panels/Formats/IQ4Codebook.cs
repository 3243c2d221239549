using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// The codebook of IQ4_NL and IQ4_XS (kvalues_iq4nl in ggml): 16 signed bytes, closer together around zero, where most weights are.
/// </summary>
static unsafe class IQ4Codebook
{
    const int GroupBytes = Panel.Rows * 4;

    /// <summary>Unpacks a <see cref="NibblePlane"/> to int16, [16 pairs][32 rows][2 columns].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* packed, short* int16Codes)
    {
        for (var i = 0; i < NibblePlane.ByteCount; i += 32)
        {
            var both = Vector256.Load(packed + i);
            // A group of four columns is 128 bytes packed and 128 int16 unpacked (two pairs); a row's four bytes become
            // two int16 in each pair.
            var destination = int16Codes + (i / GroupBytes * GroupBytes) + (i % GroupBytes / 2);
            Int16Codes.Widen(LookUp(NibblePlane.ExtractLow(both)), destination);
            // High nibbles are columns 16 .. 31: groups 4 .. 7.
            Int16Codes.Widen(LookUp(NibblePlane.ExtractHigh(both)), destination + (4 * GroupBytes));
        }
    }

    /// <summary>Unpacks a <see cref="NibblePlane"/> to biased bytes, [8 groups][32 rows][4 columns].</summary>
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

    /// <summary>Dot products of a <see cref="NibblePlane"/> with one token's 32 activations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotBlock<TDot>(byte* packed, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa => new(
            DotEightRows<TDot>(packed, quants, blockScales), DotEightRows<TDot>(packed + 32, quants, blockScales),
            DotEightRows<TDot>(packed + 64, quants, blockScales), DotEightRows<TDot>(packed + 96, quants, blockScales));

    /// <summary>Eight rows. Not inlined: four of these in one method do not fit 16 registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<int> DotEightRows<TDot>(byte* packed, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa
    {
        // Codes are signed: with vpdpbusd they are biased by 128, and the start value cancels that.
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
                // A pair sum may reach 2 * 127 * 127 = 32258: widened at once.
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
        // vpshufb looks up 16 entries within 128-bit lanes, so both halves use the same table.
        return Vector256.Create(Vector128.Shuffle(table, codes.GetLower().AsSByte()), Vector128.Shuffle(table, codes.GetUpper().AsSByte()));
    }
}
