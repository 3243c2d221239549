using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>Integer sums of one packed block of 32 rows and one token's 32 activations.</summary>
static unsafe class IntegerProducts
{
    const int GroupBytes = Panel.Rows * 4;

    /// <summary>Four-bit codes, minus the offset of their zero point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> OfNibbles<TLanes>(byte* packed, sbyte* quants, Vector256<int> offset)
        where TLanes : struct, IDotProductIsa
    {
        if (TLanes.HasDot)
        {
            return OfNibblesAtOnce<TLanes>(packed, quants, -offset);
        }

        var low = Broadcast(quants);
        var high = Broadcast(quants + 16);
        var a = OfBoth<TLanes>(packed, low, high);
        var b = OfBoth<TLanes>(packed + 32, low, high);
        var c = OfBoth<TLanes>(packed + 64, low, high);
        var d = OfBoth<TLanes>(packed + 96, low, high);
        for (var group = 1; group < 4; group++)
        {
            packed += GroupBytes;
            quants += 4;
            low = Broadcast(quants);
            high = Broadcast(quants + 16);
            a += OfBoth<TLanes>(packed, low, high);
            b += OfBoth<TLanes>(packed + 32, low, high);
            c += OfBoth<TLanes>(packed + 64, low, high);
            d += OfBoth<TLanes>(packed + 96, low, high);
        }

        return new(Whole<TLanes>(a) - offset, Whole<TLanes>(b) - offset, Whole<TLanes>(c) - offset, Whole<TLanes>(d) - offset);
    }

    /// <summary>Four-bit codes with their fifth bits, minus the offset of their zero point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> OfFiveBits<TLanes>(byte* packed, byte* fifth, sbyte* quants, Vector256<int> offset)
        where TLanes : struct, IDotProductIsa => new(
            EightOfFiveBits<TLanes>(packed, fifth, quants) - offset, EightOfFiveBits<TLanes>(packed + 32, fifth + 32, quants) - offset,
            EightOfFiveBits<TLanes>(packed + 64, fifth + 64, quants) - offset, EightOfFiveBits<TLanes>(packed + 96, fifth + 96, quants) - offset);

    /// <summary>Signed bytes, [8 groups][32 rows][4 columns]. The unsigned side of the product must be the codes' magnitude, so their signs move to the activations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> OfBytes<TLanes>(sbyte* packed, sbyte* quants, ActivationBlockScale* factors)
        where TLanes : struct, IDotProductIsa
    {
        if (TLanes.HasDot)
        {
            return OfBytesAtOnce<TLanes>(packed, quants, Vector256.Create(factors->Zero));
        }

        var a = Vector256<int>.Zero;
        var b = Vector256<int>.Zero;
        var c = Vector256<int>.Zero;
        var d = Vector256<int>.Zero;
        for (var group = 0; group < 8; group++)
        {
            var activations = Broadcast(quants);
            a += Whole<TLanes>(TLanes.SignedPairs(Vector256.Load(packed), activations));
            b += Whole<TLanes>(TLanes.SignedPairs(Vector256.Load(packed + 32), activations));
            c += Whole<TLanes>(TLanes.SignedPairs(Vector256.Load(packed + 64), activations));
            d += Whole<TLanes>(TLanes.SignedPairs(Vector256.Load(packed + 96), activations));
            packed += GroupBytes;
            quants += 4;
        }

        return new(a, b, c, d);
    }

    /// <summary>Sums of products that were already summed in pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Whole<TLanes>(Vector256<short> pairs)
        where TLanes : struct, IDotProductIsa => TLanes.Pairs(pairs, Vector256<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> Broadcast(sbyte* quants) => Vector256.Create(*(int*)quants).AsSByte();

    /// <summary>Eight rows. A call of its own: four of these in one method do not fit the registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<int> EightOfFiveBits<TLanes>(byte* packed, byte* fifth, sbyte* quants)
        where TLanes : struct, IDotProductIsa
    {
        var bits = Vector256.Load(fifth).AsUInt16();
        if (TLanes.HasDot)
        {
            var sums = DotFiveBits<TLanes>(Vector256<int>.Zero, packed, bits, 0, quants);
            sums = DotFiveBits<TLanes>(sums, packed + GroupBytes, bits, 1, quants + 4);
            sums = DotFiveBits<TLanes>(sums, packed + (2 * GroupBytes), bits, 2, quants + 8);
            return DotFiveBits<TLanes>(sums, packed + (3 * GroupBytes), bits, 3, quants + 12);
        }

        // Four sums of two products stay below 2^15, eight would not.
        var first = FiveBitPairs<TLanes>(packed, bits, 0, quants) + FiveBitPairs<TLanes>(packed + GroupBytes, bits, 1, quants + 4);
        var second = FiveBitPairs<TLanes>(packed + (2 * GroupBytes), bits, 2, quants + 8) + FiveBitPairs<TLanes>(packed + (3 * GroupBytes), bits, 3, quants + 12);
        return Whole<TLanes>(first) + Whole<TLanes>(second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> DotFiveBits<TLanes>(Vector256<int> sums, byte* packed, Vector256<ushort> bits, int group, sbyte* quants)
        where TLanes : struct, IDotProductIsa
    {
        var both = Vector256.Load(packed);
        return TLanes.Dot(TLanes.Dot(sums, FifthBitPlane.Low(both, bits, group), Broadcast(quants)), FifthBitPlane.High(both, bits, group), Broadcast(quants + 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> FiveBitPairs<TLanes>(byte* packed, Vector256<ushort> bits, int group, sbyte* quants)
        where TLanes : struct, IDotProductIsa
    {
        var both = Vector256.Load(packed);
        return TLanes.Pairs(FifthBitPlane.Low(both, bits, group), Broadcast(quants)) + TLanes.Pairs(FifthBitPlane.High(both, bits, group), Broadcast(quants + 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static PanelRow<int> OfNibblesAtOnce<TLanes>(byte* packed, sbyte* quants, Vector256<int> start)
        where TLanes : struct, IDotProductIsa
    {
        var (a, b, c, d) = (start, start, start, start);
        for (var group = 0; group < 4; group++)
        {
            var low = Broadcast(quants);
            var high = Broadcast(quants + 16);
            a = DotBoth<TLanes>(a, packed, low, high);
            b = DotBoth<TLanes>(b, packed + 32, low, high);
            c = DotBoth<TLanes>(c, packed + 64, low, high);
            d = DotBoth<TLanes>(d, packed + 96, low, high);
            packed += GroupBytes;
            quants += 4;
        }

        return new(a, b, c, d);
    }

    /// <summary>Here the unsigned side is the codes moved by 128, which the start takes away.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static PanelRow<int> OfBytesAtOnce<TLanes>(sbyte* packed, sbyte* quants, Vector256<int> start)
        where TLanes : struct, IDotProductIsa
    {
        var (a, b, c, d) = (start, start, start, start);
        for (var group = 0; group < 8; group++)
        {
            var activations = Broadcast(quants);
            a = TLanes.Dot(a, ByteCodes.FromSigned(Vector256.Load(packed)), activations);
            b = TLanes.Dot(b, ByteCodes.FromSigned(Vector256.Load(packed + 32)), activations);
            c = TLanes.Dot(c, ByteCodes.FromSigned(Vector256.Load(packed + 64)), activations);
            d = TLanes.Dot(d, ByteCodes.FromSigned(Vector256.Load(packed + 96)), activations);
            packed += GroupBytes;
            quants += 4;
        }

        return new(a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> DotBoth<TLanes>(Vector256<int> sums, byte* packed, Vector256<sbyte> low, Vector256<sbyte> high)
        where TLanes : struct, IDotProductIsa
    {
        var both = Vector256.Load(packed);
        return TLanes.Dot(TLanes.Dot(sums, NibblePlane.Low(both), low), NibblePlane.High(both), high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> OfBoth<TLanes>(byte* packed, Vector256<sbyte> low, Vector256<sbyte> high)
        where TLanes : struct, IDotProductIsa
    {
        var both = Vector256.Load(packed);
        return TLanes.Pairs(NibblePlane.Low(both), low) + TLanes.Pairs(NibblePlane.High(both), high);
    }
}
