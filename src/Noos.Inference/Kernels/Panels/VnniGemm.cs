using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// GEMM of codes biased by 128 and int8 activations with vpdpbusd, four products per lane at once. Sums start at -128 * sum(activations),
/// so they come out as sums of signed products. Tiles have at most eight sums: more do not fit 16 registers. The order of float sums is
/// that of <see cref="Int16SumGemm{TFormat, TDot}"/>.
/// </summary>
static unsafe class VnniGemm<TFormat, TDot>
    where TFormat : struct, IPanelFormat
    where TDot : struct, IDotProductIsa
{
    const int GroupBytes = Panel.Rows * 4;

    /// <summary>Micro-kernel of 32 rows and one token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tile32x1(UnpackedPanel panel, int blocks, sbyte* quants, ActivationBlockScale* blockScales, float* output)
    {
        for (var block = 0; block < blocks; block++)
        {
            var part = panel.Slice(block, CodeType.BiasedUInt8);
            // 16 rows at a time: two sums each for the two halves of the columns.
            for (var row = 0; row < Panel.Rows; row += 16)
            {
                Vector256<float> low, high;
                // A constant per format; the other branch is not compiled.
                if (TFormat.HasHalfScales)
                {
                    var (start, more) = HalfBiases(blockScales);
                    // The second half continues the integer sums of the first.
                    var (low0, high0) = DotSixteenRows(part.Codes + (row * 4), 0, quants, start);
                    var (low1, high1) = DotSixteenRows(part.Codes + (row * 4), 4, quants, more);
                    low = CombineHalves(low0, low1, part.FirstScales + row, part.SecondScales + row);
                    high = CombineHalves(high0, high1, part.FirstScales + row + 8, part.SecondScales + row + 8);
                }
                else
                {
                    var (low0, high0) = DotSixteenRows(part.Codes + (row * 4), 0, quants, Vector256.Create(blockScales->Bias));
                    (low0, high0) = DotSixteenRows(part.Codes + (row * 4), 4, quants, low0, high0);
                    (low, high) = (Vector256.ConvertToSingle(low0), Vector256.ConvertToSingle(high0));
                }

                Accumulate(low, part.Scales + row, part.Minima + row, blockScales, output + row);
                Accumulate(high, part.Scales + row + 8, part.Minima + row + 8, blockScales, output + row + 8);
            }

            quants += Panel.BlockLength;
            blockScales++;
        }
    }

    /// <summary>Micro-kernel of 16 rows and four tokens: 8 sums, 2 weights, 1 activation. Strides in elements of their arrays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tile16x4(
        UnpackedPanel panel, int firstRow, int blocks, sbyte* quants, nint quantStride, ActivationBlockScale* blockScales,
        nint blockScaleStride, float* output, nint outputStride)
    {
        var codes = panel.Codes + (firstRow * 4);
        var scales = panel.Scales + firstRow;
        var minima = panel.Minima + firstRow;
        output += firstRow;
        // Four pointers instead of one and multiples of the stride: cheaper addresses in the inner loop.
        var first = quants;
        var second = quants + quantStride;
        var third = quants + (2 * quantStride);
        var fourth = quants + (3 * quantStride);
        for (; blocks > 0; blocks--)
        {
            var sum00 = Vector256.Create(blockScales->Bias);
            var sum10 = Vector256.Create(blockScales[blockScaleStride].Bias);
            var sum20 = Vector256.Create(blockScales[2 * blockScaleStride].Bias);
            var sum30 = Vector256.Create(blockScales[3 * blockScaleStride].Bias);
            var (sum01, sum11, sum21, sum31) = (sum00, sum10, sum20, sum30);
            // Eight groups of four columns; one dword per row is what vpdpbusd sums.
            for (nint column = 0; column < Panel.BlockLength; column += 4)
            {
                var low = Vector256.Load(codes);
                var high = Vector256.Load(codes + 32);
                var activations = BlockDot.Broadcast(first + column);
                sum00 = TDot.DotAccumulate(sum00, low, activations);
                sum01 = TDot.DotAccumulate(sum01, high, activations);
                activations = BlockDot.Broadcast(second + column);
                sum10 = TDot.DotAccumulate(sum10, low, activations);
                sum11 = TDot.DotAccumulate(sum11, high, activations);
                activations = BlockDot.Broadcast(third + column);
                sum20 = TDot.DotAccumulate(sum20, low, activations);
                sum21 = TDot.DotAccumulate(sum21, high, activations);
                activations = BlockDot.Broadcast(fourth + column);
                sum30 = TDot.DotAccumulate(sum30, low, activations);
                sum31 = TDot.DotAccumulate(sum31, high, activations);
                codes += GroupBytes;
            }

            Accumulate(sum00, sum01, scales, minima, blockScales, output);
            Accumulate(sum10, sum11, scales, minima, blockScales + blockScaleStride, output + outputStride);
            Accumulate(sum20, sum21, scales, minima, blockScales + (2 * blockScaleStride), output + (2 * outputStride));
            Accumulate(sum30, sum31, scales, minima, blockScales + (3 * blockScaleStride), output + (3 * outputStride));
            scales += Panel.Rows;
            minima += Panel.Rows;
            first += Panel.BlockLength;
            second += Panel.BlockLength;
            third += Panel.BlockLength;
            fourth += Panel.BlockLength;
            blockScales++;
        }
    }

    /// <summary>
    /// Micro-kernel of 8 rows and four tokens for formats with half-block scales: two sums each, one per half of the columns.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tile8x4HalfScales(
        UnpackedPanel panel, int row, int blocks, sbyte* quants, nint quantStride, ActivationBlockScale* blockScales, nint blockScaleStride,
        float* output, nint outputStride)
    {
        for (var block = 0; block < blocks; block++)
        {
            var part = panel.Slice(block, CodeType.BiasedUInt8);
            var codes = part.Codes + (row * 4);
            // Eight sums: two halves of the columns for each of four tokens.
            var (start0, more0) = HalfBiases(blockScales);
            var (start1, more1) = HalfBiases(blockScales + blockScaleStride);
            var (start2, more2) = HalfBiases(blockScales + (2 * blockScaleStride));
            var (start3, more3) = HalfBiases(blockScales + (3 * blockScaleStride));
            // Groups 0 .. 3 are the first half of the columns, 4 .. 7 the second.
            for (var group = 0; group < 4; group++)
            {
                var weights = Vector256.Load(codes + (group * GroupBytes));
                var source = quants + (4 * group);
                start0 = TDot.DotAccumulate(start0, weights, BlockDot.Broadcast(source));
                start1 = TDot.DotAccumulate(start1, weights, BlockDot.Broadcast(source + quantStride));
                start2 = TDot.DotAccumulate(start2, weights, BlockDot.Broadcast(source + (2 * quantStride)));
                start3 = TDot.DotAccumulate(start3, weights, BlockDot.Broadcast(source + (3 * quantStride)));
                weights = Vector256.Load(codes + ((group + 4) * GroupBytes));
                source += 16;
                more0 = TDot.DotAccumulate(more0, weights, BlockDot.Broadcast(source));
                more1 = TDot.DotAccumulate(more1, weights, BlockDot.Broadcast(source + quantStride));
                more2 = TDot.DotAccumulate(more2, weights, BlockDot.Broadcast(source + (2 * quantStride)));
                more3 = TDot.DotAccumulate(more3, weights, BlockDot.Broadcast(source + (3 * quantStride)));
            }

            var first = part.FirstScales + row;
            var second = part.SecondScales + row;
            var scales = part.Scales + row;
            var minima = part.Minima + row;
            Accumulate(CombineHalves(start0, more0, first, second), scales, minima, blockScales, output + row);
            Accumulate(
                CombineHalves(start1, more1, first, second), scales, minima, blockScales + blockScaleStride, output + row + outputStride);
            Accumulate(
                CombineHalves(start2, more2, first, second), scales, minima, blockScales + (2 * blockScaleStride),
                output + row + (2 * outputStride));
            Accumulate(
                CombineHalves(start3, more3, first, second), scales, minima, blockScales + (3 * blockScaleStride),
                output + row + (3 * outputStride));
            quants += Panel.BlockLength;
            blockScales++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector256<int> Low, Vector256<int> High) DotSixteenRows(byte* codes, int firstGroup, sbyte* quants, Vector256<int> start) =>
        DotSixteenRows(codes, firstGroup, quants, start, start);

    /// <summary>16 rows, four groups of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector256<int> Low, Vector256<int> High) DotSixteenRows(byte* codes, int firstGroup, sbyte* quants, Vector256<int> low,
        Vector256<int> high)
    {
        for (var group = firstGroup; group < firstGroup + 4; group++)
        {
            var activations = BlockDot.Broadcast(quants + (4 * group));
            low = TDot.DotAccumulate(low, Vector256.Load(codes + (group * GroupBytes)), activations);
            high = TDot.DotAccumulate(high, Vector256.Load(codes + (group * GroupBytes) + 32), activations);
        }

        return (low, high);
    }

    /// <summary>Start values of half-block sums, -128 * sum: <see cref="ActivationBlockScale.FirstHalfSum"/> is 16 times the sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector256<int> First, Vector256<int> Second) HalfBiases(ActivationBlockScale* blockScales) =>
        (Vector256.Create(blockScales->FirstHalfSum * -(BiasedByteCodes.Bias / 16)),
            Vector256.Create(blockScales->SecondHalfSum * -(BiasedByteCodes.Bias / 16)));

    /// <summary>
    /// first * firstScale + second * secondScale. Scales are integers, products and sum are integers below 2^24, so floats compute them
    /// exactly: the same number that int16 kernels get by multiplying the scales into the codes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> CombineHalves(Vector256<int> first, Vector256<int> second, float* firstScales, float* secondScales) =>
        Vector256.FusedMultiplyAdd(
            Vector256.ConvertToSingle(second), Vector256.Load(secondScales),
            Vector256.ConvertToSingle(first) * Vector256.Load(firstScales));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Accumulate(
        Vector256<int> low, Vector256<int> high, float* scales, float* minima, ActivationBlockScale* blockScales, float* output)
    {
        Accumulate(Vector256.ConvertToSingle(low), scales, minima, blockScales, output);
        Accumulate(Vector256.ConvertToSingle(high), scales + 8, minima + 8, blockScales, output + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Accumulate(Vector256<float> products, float* scales, float* minima, ActivationBlockScale* blockScales, float* output)
    {
        // scale * scale first, then one rounding for product and sum: as in all other tiers.
        var sum = Vector256.FusedMultiplyAdd(
            products, Vector256.Load(scales) * Vector256.Create(blockScales->Scale), Vector256.Load(output));
        if (TFormat.HasMinima)
        {
            sum = Vector256.FusedMultiplyAdd(Vector256.Load(minima), Vector256.Create(blockScales->ScaledSum), sum);
        }

        sum.Store(output);
    }
}
