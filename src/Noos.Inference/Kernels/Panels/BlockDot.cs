using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Dot products of one packed block [32 rows, 32 columns] with one token's 32 int8 activations, as exact int32 sums: the integer part of
/// <see cref="DecodeGemv{TFormat, TDot}"/>. All instruction sets give the same integers, so only float operations round.
/// </summary>
static unsafe class BlockDot
{
    const int GroupBytes = Panel.Rows * 4;

    /// <summary>Four-bit codes of a <see cref="NibblePlane"/>, minus an offset.</summary>
    /// <param name="packed">[4 groups][32 rows][4 columns] nibble pairs.</param>
    /// <param name="quants">[32]</param>
    /// <param name="offset">zero point * sum of the activations.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotNibbles<TDot>(byte* packed, sbyte* quants, Vector256<int> offset)
        where TDot : struct, IDotProductIsa
    {
        if (TDot.HasDotAccumulate)
        {
            // The offset becomes the start value and costs nothing.
            return DotNibblesVnni<TDot>(packed, quants, -offset);
        }

        var low = Broadcast(quants);
        var high = Broadcast(quants + 16);
        var a = MultiplyNibblePairs<TDot>(packed, low, high);
        var b = MultiplyNibblePairs<TDot>(packed + 32, low, high);
        var c = MultiplyNibblePairs<TDot>(packed + 64, low, high);
        var d = MultiplyNibblePairs<TDot>(packed + 96, low, high);
        // Two pair sums per group, eight in all: at most 8 * 2 * 15 * 127 = 30480, so int16 holds a whole block.
        for (var group = 1; group < 4; group++)
        {
            packed += GroupBytes;
            quants += 4;
            low = Broadcast(quants);
            high = Broadcast(quants + 16);
            a += MultiplyNibblePairs<TDot>(packed, low, high);
            b += MultiplyNibblePairs<TDot>(packed + 32, low, high);
            c += MultiplyNibblePairs<TDot>(packed + 64, low, high);
            d += MultiplyNibblePairs<TDot>(packed + 96, low, high);
        }

        return new(WidenPairs<TDot>(a) - offset, WidenPairs<TDot>(b) - offset, WidenPairs<TDot>(c) - offset, WidenPairs<TDot>(d) - offset);
    }

    /// <summary>
    /// Five-bit codes of a <see cref="NibblePlane"/> and a <see cref="FifthBitPlane"/>, minus zero point * sum of the activations.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotFiveBits<TDot>(byte* packed, byte* fifth, sbyte* quants, Vector256<int> offset)
        where TDot : struct, IDotProductIsa => new(
            DotFiveBitsEightRows<TDot>(packed, fifth, quants) - offset,
            DotFiveBitsEightRows<TDot>(packed + 32, fifth + 32, quants) - offset,
            DotFiveBitsEightRows<TDot>(packed + 64, fifth + 64, quants) - offset,
            DotFiveBitsEightRows<TDot>(packed + 96, fifth + 96, quants) - offset);

    /// <summary>Signed bytes, [8 groups][32 rows][4 columns].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotInt8<TDot>(sbyte* packed, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa
    {
        if (TDot.HasDotAccumulate)
        {
            return DotInt8Vnni<TDot>(packed, quants, Vector256.Create(blockScales->Bias));
        }

        var a = Vector256<int>.Zero;
        var b = Vector256<int>.Zero;
        var c = Vector256<int>.Zero;
        var d = Vector256<int>.Zero;
        for (var group = 0; group < 8; group++)
        {
            var activations = Broadcast(quants);
            // One pair sum may reach 32512, so every one is widened before the next is added.
            a += WidenPairs<TDot>(TDot.MultiplyAddSignedPairs(Vector256.Load(packed), activations));
            b += WidenPairs<TDot>(TDot.MultiplyAddSignedPairs(Vector256.Load(packed + 32), activations));
            c += WidenPairs<TDot>(TDot.MultiplyAddSignedPairs(Vector256.Load(packed + 64), activations));
            d += WidenPairs<TDot>(TDot.MultiplyAddSignedPairs(Vector256.Load(packed + 96), activations));
            packed += GroupBytes;
            quants += 4;
        }

        return new(a, b, c, d);
    }

    /// <summary>Sums neighbouring int16 pair sums, both of the same row, to int32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> WidenPairs<TDot>(Vector256<short> pairs)
        where TDot : struct, IDotProductIsa => TDot.MultiplyAddPairs(pairs, Vector256<short>.One);

    /// <summary>Four neighbouring activations in every 32-bit lane; a lane belongs to one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> Broadcast(sbyte* quants) => Vector256.Create(*(int*)quants).AsSByte();

    /// <summary>Eight rows. Not inlined: four of these in one method do not fit 16 registers and would spill.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<int> DotFiveBitsEightRows<TDot>(byte* packed, byte* fifth, sbyte* quants)
        where TDot : struct, IDotProductIsa
    {
        // One register has the fifth bits of eight rows for all 32 columns.
        var bits = Vector256.Load(fifth).AsUInt16();
        if (TDot.HasDotAccumulate)
        {
            var sums = DotFiveBitGroup<TDot>(Vector256<int>.Zero, packed, bits, 0, quants);
            sums = DotFiveBitGroup<TDot>(sums, packed + GroupBytes, bits, 1, quants + 4);
            sums = DotFiveBitGroup<TDot>(sums, packed + (2 * GroupBytes), bits, 2, quants + 8);
            return DotFiveBitGroup<TDot>(sums, packed + (3 * GroupBytes), bits, 3, quants + 12);
        }

        // Four pair sums, at most 31496, fit int16; eight would not: hence two sums.
        var first = MultiplyFiveBitPairs<TDot>(packed, bits, 0, quants)
            + MultiplyFiveBitPairs<TDot>(packed + GroupBytes, bits, 1, quants + 4);
        var second = MultiplyFiveBitPairs<TDot>(packed + (2 * GroupBytes), bits, 2, quants + 8)
            + MultiplyFiveBitPairs<TDot>(packed + (3 * GroupBytes), bits, 3, quants + 12);
        return WidenPairs<TDot>(first) + WidenPairs<TDot>(second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> DotFiveBitGroup<TDot>(Vector256<int> sums, byte* packed, Vector256<ushort> bits, int group, sbyte* quants)
        where TDot : struct, IDotProductIsa
    {
        var both = Vector256.Load(packed);
        return TDot.DotAccumulate(TDot.DotAccumulate(sums, FifthBitPlane.CombineLow(both, bits, group), Broadcast(quants)),
            FifthBitPlane.CombineHigh(both, bits, group), Broadcast(quants + 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> MultiplyFiveBitPairs<TDot>(byte* packed, Vector256<ushort> bits, int group, sbyte* quants)
        where TDot : struct, IDotProductIsa
    {
        var both = Vector256.Load(packed);
        return TDot.MultiplyAddPairs(FifthBitPlane.CombineLow(both, bits, group), Broadcast(quants))
            + TDot.MultiplyAddPairs(FifthBitPlane.CombineHigh(both, bits, group), Broadcast(quants + 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static PanelRow<int> DotNibblesVnni<TDot>(byte* packed, sbyte* quants, Vector256<int> start)
        where TDot : struct, IDotProductIsa
    {
        var (a, b, c, d) = (start, start, start, start);
        for (var group = 0; group < 4; group++)
        {
            var low = Broadcast(quants);
            var high = Broadcast(quants + 16);
            a = DotNibbleGroup<TDot>(a, packed, low, high);
            b = DotNibbleGroup<TDot>(b, packed + 32, low, high);
            c = DotNibbleGroup<TDot>(c, packed + 64, low, high);
            d = DotNibbleGroup<TDot>(d, packed + 96, low, high);
            packed += GroupBytes;
            quants += 4;
        }

        return new(a, b, c, d);
    }

    /// <summary>
    /// vpdpbusd wants unsigned codes: they are biased by 128, and the start value -128 * sum(activations) cancels the bias.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static PanelRow<int> DotInt8Vnni<TDot>(sbyte* packed, sbyte* quants, Vector256<int> start)
        where TDot : struct, IDotProductIsa
    {
        var (a, b, c, d) = (start, start, start, start);
        for (var group = 0; group < 8; group++)
        {
            var activations = Broadcast(quants);
            // The bias is one xor per 32 codes; the packed codes stay signed, as the other instruction sets want them.
            a = TDot.DotAccumulate(a, BiasedByteCodes.FromSigned(Vector256.Load(packed)), activations);
            b = TDot.DotAccumulate(b, BiasedByteCodes.FromSigned(Vector256.Load(packed + 32)), activations);
            c = TDot.DotAccumulate(c, BiasedByteCodes.FromSigned(Vector256.Load(packed + 64)), activations);
            d = TDot.DotAccumulate(d, BiasedByteCodes.FromSigned(Vector256.Load(packed + 96)), activations);
            packed += GroupBytes;
            quants += 4;
        }

        return new(a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> DotNibbleGroup<TDot>(Vector256<int> sums, byte* packed, Vector256<sbyte> low, Vector256<sbyte> high)
        where TDot : struct, IDotProductIsa
    {
        var both = Vector256.Load(packed);
        return TDot.DotAccumulate(TDot.DotAccumulate(sums, NibblePlane.ExtractLow(both), low), NibblePlane.ExtractHigh(both), high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> MultiplyNibblePairs<TDot>(byte* packed, Vector256<sbyte> low, Vector256<sbyte> high)
        where TDot : struct, IDotProductIsa
    {
        var both = Vector256.Load(packed);
        return TDot.MultiplyAddPairs(NibblePlane.ExtractLow(both), low) + TDot.MultiplyAddPairs(NibblePlane.ExtractHigh(both), high);
    }
}
