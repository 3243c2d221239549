using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Codes as bytes around 128 times 8-bit activations, four products a lane at once. Tiles have at most eight sums: more do not fit the
/// 16 registers. The order of float sums is that of <see cref="Int16SumGemm{TFormat, TLanes}"/>.
/// </summary>
static unsafe class VnniGemm<TFormat, TLanes>
    where TFormat : struct, IPanelFormat
    where TLanes : struct, IDotProductIsa
{
    const int GroupBytes = Panel.Rows * 4;

    /// <summary>32 rows, one token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tile32x1(ExpandedPanel panel, int blocks, sbyte* quants, ActivationBlockScale* factors, float* output)
    {
        for (var block = 0; block < blocks; block++)
        {
            var part = panel.From(block, CodeForm.Bytes);
            for (var row = 0; row < Panel.Rows; row += 16)
            {
                Vector256<float> low, high;
                if (TFormat.HasHalfScales)
                {
                    var (start, more) = HalfZeros(factors);
                    var (low0, high0) = Sixteen(part.Codes + (row * 4), 0, quants, start);
                    var (low1, high1) = Sixteen(part.Codes + (row * 4), 4, quants, more);
                    low = Halves(low0, low1, part.FirstScales + row, part.SecondScales + row);
                    high = Halves(high0, high1, part.FirstScales + row + 8, part.SecondScales + row + 8);
                }
                else
                {
                    var (low0, high0) = Sixteen(part.Codes + (row * 4), 0, quants, Vector256.Create(factors->Zero));
                    (low0, high0) = Sixteen(part.Codes + (row * 4), 4, quants, low0, high0);
                    (low, high) = (Vector256.ConvertToSingle(low0), Vector256.ConvertToSingle(high0));
                }

                Finish(low, part.Scales + row, part.Minima + row, factors, output + row);
                Finish(high, part.Scales + row + 8, part.Minima + row + 8, factors, output + row + 8);
            }

            quants += Panel.BlockLength;
            factors++;
        }
    }

    /// <summary>16 rows, four tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tile16x4(
        ExpandedPanel panel, int firstRow, int blocks, sbyte* quants, nint quantStride, ActivationBlockScale* factors, nint factorStride, float* output, nint outputStride)
    {
        var codes = panel.Codes + (firstRow * 4);
        var scales = panel.Scales + firstRow;
        var minima = panel.Minima + firstRow;
        output += firstRow;
        var first = quants;
        var second = quants + quantStride;
        var third = quants + (2 * quantStride);
        var fourth = quants + (3 * quantStride);
        for (; blocks > 0; blocks--)
        {
            var sum00 = Vector256.Create(factors->Zero);
            var sum10 = Vector256.Create(factors[factorStride].Zero);
            var sum20 = Vector256.Create(factors[2 * factorStride].Zero);
            var sum30 = Vector256.Create(factors[3 * factorStride].Zero);
            var (sum01, sum11, sum21, sum31) = (sum00, sum10, sum20, sum30);
            for (nint column = 0; column < Panel.BlockLength; column += 4)
            {
                var low = Vector256.Load(codes);
                var high = Vector256.Load(codes + 32);
                var activations = IntegerProducts.Broadcast(first + column);
                sum00 = TLanes.Dot(sum00, low, activations);
                sum01 = TLanes.Dot(sum01, high, activations);
                activations = IntegerProducts.Broadcast(second + column);
                sum10 = TLanes.Dot(sum10, low, activations);
                sum11 = TLanes.Dot(sum11, high, activations);
                activations = IntegerProducts.Broadcast(third + column);
                sum20 = TLanes.Dot(sum20, low, activations);
                sum21 = TLanes.Dot(sum21, high, activations);
                activations = IntegerProducts.Broadcast(fourth + column);
                sum30 = TLanes.Dot(sum30, low, activations);
                sum31 = TLanes.Dot(sum31, high, activations);
                codes += GroupBytes;
            }

            Finish(sum00, sum01, scales, minima, factors, output);
            Finish(sum10, sum11, scales, minima, factors + factorStride, output + outputStride);
            Finish(sum20, sum21, scales, minima, factors + (2 * factorStride), output + (2 * outputStride));
            Finish(sum30, sum31, scales, minima, factors + (3 * factorStride), output + (3 * outputStride));
            scales += Panel.Rows;
            minima += Panel.Rows;
            first += Panel.BlockLength;
            second += Panel.BlockLength;
            third += Panel.BlockLength;
            fourth += Panel.BlockLength;
            factors++;
        }
    }

    /// <summary>8 rows, four tokens, formats that have half scales.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Halves8x4(
        ExpandedPanel panel, int row, int blocks, sbyte* quants, nint quantStride, ActivationBlockScale* factors, nint factorStride, float* output, nint outputStride)
    {
        for (var block = 0; block < blocks; block++)
        {
            var part = panel.From(block, CodeForm.Bytes);
            var codes = part.Codes + (row * 4);
            var (start0, more0) = HalfZeros(factors);
            var (start1, more1) = HalfZeros(factors + factorStride);
            var (start2, more2) = HalfZeros(factors + (2 * factorStride));
            var (start3, more3) = HalfZeros(factors + (3 * factorStride));
            for (var group = 0; group < 4; group++)
            {
                var weights = Vector256.Load(codes + (group * GroupBytes));
                var source = quants + (4 * group);
                start0 = TLanes.Dot(start0, weights, IntegerProducts.Broadcast(source));
                start1 = TLanes.Dot(start1, weights, IntegerProducts.Broadcast(source + quantStride));
                start2 = TLanes.Dot(start2, weights, IntegerProducts.Broadcast(source + (2 * quantStride)));
                start3 = TLanes.Dot(start3, weights, IntegerProducts.Broadcast(source + (3 * quantStride)));
                weights = Vector256.Load(codes + ((group + 4) * GroupBytes));
                source += 16;
                more0 = TLanes.Dot(more0, weights, IntegerProducts.Broadcast(source));
                more1 = TLanes.Dot(more1, weights, IntegerProducts.Broadcast(source + quantStride));
                more2 = TLanes.Dot(more2, weights, IntegerProducts.Broadcast(source + (2 * quantStride)));
                more3 = TLanes.Dot(more3, weights, IntegerProducts.Broadcast(source + (3 * quantStride)));
            }

            var first = part.FirstScales + row;
            var second = part.SecondScales + row;
            var scales = part.Scales + row;
            var minima = part.Minima + row;
            Finish(Halves(start0, more0, first, second), scales, minima, factors, output + row);
            Finish(Halves(start1, more1, first, second), scales, minima, factors + factorStride, output + row + outputStride);
            Finish(Halves(start2, more2, first, second), scales, minima, factors + (2 * factorStride), output + row + (2 * outputStride));
            Finish(Halves(start3, more3, first, second), scales, minima, factors + (3 * factorStride), output + row + (3 * outputStride));
            quants += Panel.BlockLength;
            factors++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector256<int> Low, Vector256<int> High) Sixteen(byte* codes, int firstGroup, sbyte* quants, Vector256<int> start) =>
        Sixteen(codes, firstGroup, quants, start, start);

    /// <summary>16 rows, four groups of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector256<int> Low, Vector256<int> High) Sixteen(byte* codes, int firstGroup, sbyte* quants, Vector256<int> low, Vector256<int> high)
    {
        for (var group = firstGroup; group < firstGroup + 4; group++)
        {
            var activations = IntegerProducts.Broadcast(quants + (4 * group));
            low = TLanes.Dot(low, Vector256.Load(codes + (group * GroupBytes)), activations);
            high = TLanes.Dot(high, Vector256.Load(codes + (group * GroupBytes) + 32), activations);
        }

        return (low, high);
    }

    /// <summary>Where the sums of half blocks begin: <see cref="ActivationBlockScale.FirstHalf"/> is 16 times the sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector256<int> First, Vector256<int> Second) HalfZeros(ActivationBlockScale* factors) =>
        (Vector256.Create(factors->FirstHalf * -(ByteCodes.Zero / 16)), Vector256.Create(factors->SecondHalf * -(ByteCodes.Zero / 16)));

    /// <summary>Both halves of a block with their scales: whole numbers below 2^24, so that nothing is rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Halves(Vector256<int> first, Vector256<int> second, float* firstScales, float* secondScales) =>
        Vector256.FusedMultiplyAdd(
            Vector256.ConvertToSingle(second), Vector256.Load(secondScales), Vector256.ConvertToSingle(first) * Vector256.Load(firstScales));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Finish(Vector256<int> low, Vector256<int> high, float* scales, float* minima, ActivationBlockScale* factors, float* output)
    {
        Finish(Vector256.ConvertToSingle(low), scales, minima, factors, output);
        Finish(Vector256.ConvertToSingle(high), scales + 8, minima + 8, factors, output + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Finish(Vector256<float> products, float* scales, float* minima, ActivationBlockScale* factors, float* output)
    {
        var sum = Vector256.FusedMultiplyAdd(products, Vector256.Load(scales) * Vector256.Create(factors->Scale), Vector256.Load(output));
        if (TFormat.HasMinima)
        {
            sum = Vector256.FusedMultiplyAdd(Vector256.Load(minima), Vector256.Create(factors->ScaledSum), sum);
        }

        sum.Store(output);
    }
}
