using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Codes of at most five bits times 8-bit activations. Products are summed in 16 bits as long as they fit, so that most multiplications
/// cost one addition; then in 32 bits; then one fused multiply-add a block and row. For each row and token the float sum goes from the
/// first block to the last, whatever the tile: tiles never change a bit.
/// </summary>
static unsafe class Int16SumGemm<TFormat, TLanes>
    where TFormat : struct, IPanelFormat
    where TLanes : struct, IDotProductIsa
{
    const int GroupBytes = Panel.Rows * 4;
    const int BlockBytes = 8 * GroupBytes;

    /// <summary>Groups of four columns whose products fit a 16-bit sum.</summary>
    static int GroupsPerSum => TFormat.Form == CodeForm.FourBits ? 8 : 4;

    /// <summary>32 rows, one token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tile32x1(ExpandedPanel panel, int blocks, sbyte* quants, ActivationBlockScale* factors, float* output)
    {
        var codes = panel.Codes;
        var scales = panel.Scales;
        var minima = panel.Minima;
        var sum0 = Vector256.Load(output);
        var sum1 = Vector256.Load(output + 8);
        var sum2 = Vector256.Load(output + 16);
        var sum3 = Vector256.Load(output + 24);
        for (; blocks > 0; blocks--)
        {
            var whole0 = Vector256<int>.Zero;
            var whole1 = Vector256<int>.Zero;
            var whole2 = Vector256<int>.Zero;
            var whole3 = Vector256<int>.Zero;
            for (var first = 0; first < 8; first += GroupsPerSum)
            {
                var activations = Broadcast(quants + (4 * first));
                var weights = codes + (first * GroupBytes);
                var pairs0 = TLanes.Pairs(Vector256.Load(weights), activations);
                var pairs1 = TLanes.Pairs(Vector256.Load(weights + 32), activations);
                var pairs2 = TLanes.Pairs(Vector256.Load(weights + 64), activations);
                var pairs3 = TLanes.Pairs(Vector256.Load(weights + 96), activations);
                for (var group = first + 1; group < first + GroupsPerSum; group++)
                {
                    activations = Broadcast(quants + (4 * group));
                    weights = codes + (group * GroupBytes);
                    pairs0 += TLanes.Pairs(Vector256.Load(weights), activations);
                    pairs1 += TLanes.Pairs(Vector256.Load(weights + 32), activations);
                    pairs2 += TLanes.Pairs(Vector256.Load(weights + 64), activations);
                    pairs3 += TLanes.Pairs(Vector256.Load(weights + 96), activations);
                }

                whole0 += Whole(pairs0);
                whole1 += Whole(pairs1);
                whole2 += Whole(pairs2);
                whole3 += Whole(pairs3);
            }

            var offset = Offset(factors);
            var scale = Vector256.Create(factors->Scale);
            var scaledSum = Vector256.Create(factors->ScaledSum);
            sum0 = Finish(sum0, whole0 - offset, scales, scale, minima, scaledSum);
            sum1 = Finish(sum1, whole1 - offset, scales + 8, scale, minima + 8, scaledSum);
            sum2 = Finish(sum2, whole2 - offset, scales + 16, scale, minima + 16, scaledSum);
            sum3 = Finish(sum3, whole3 - offset, scales + 24, scale, minima + 24, scaledSum);
            codes += BlockBytes;
            scales += Panel.Rows;
            minima += Panel.Rows;
            quants += Panel.BlockLength;
            factors++;
        }

        sum0.Store(output);
        sum1.Store(output + 8);
        sum2.Store(output + 16);
        sum3.Store(output + 24);
    }

    /// <summary>16 rows, four tokens, codes of four bits. The float sums live in memory: the 16-bit sums need the registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tile16x4(
        ExpandedPanel panel, int firstRow, int blocks, sbyte* quants, nint quantStride, ActivationBlockScale* factors, nint factorStride, float* output, nint outputStride)
    {
        var codes = panel.Codes + (firstRow * 4);
        var scales = panel.Scales + firstRow;
        var minima = panel.Minima + firstRow;
        output += firstRow;
        for (; blocks > 0; blocks--)
        {
            var low = Vector256.Load(codes);
            var high = Vector256.Load(codes + 32);
            var activations = Broadcast(quants);
            var sum00 = TLanes.Pairs(low, activations);
            var sum01 = TLanes.Pairs(high, activations);
            activations = Broadcast(quants + quantStride);
            var sum10 = TLanes.Pairs(low, activations);
            var sum11 = TLanes.Pairs(high, activations);
            activations = Broadcast(quants + (2 * quantStride));
            var sum20 = TLanes.Pairs(low, activations);
            var sum21 = TLanes.Pairs(high, activations);
            activations = Broadcast(quants + (3 * quantStride));
            var sum30 = TLanes.Pairs(low, activations);
            var sum31 = TLanes.Pairs(high, activations);
            for (var group = 1; group < 8; group++)
            {
                low = Vector256.Load(codes + (group * GroupBytes));
                high = Vector256.Load(codes + (group * GroupBytes) + 32);
                activations = Broadcast(quants + (4 * group));
                sum00 += TLanes.Pairs(low, activations);
                sum01 += TLanes.Pairs(high, activations);
                activations = Broadcast(quants + quantStride + (4 * group));
                sum10 += TLanes.Pairs(low, activations);
                sum11 += TLanes.Pairs(high, activations);
                activations = Broadcast(quants + (2 * quantStride) + (4 * group));
                sum20 += TLanes.Pairs(low, activations);
                sum21 += TLanes.Pairs(high, activations);
                activations = Broadcast(quants + (3 * quantStride) + (4 * group));
                sum30 += TLanes.Pairs(low, activations);
                sum31 += TLanes.Pairs(high, activations);
            }

            Finish(Whole(sum00), Whole(sum01), scales, minima, factors, output);
            Finish(Whole(sum10), Whole(sum11), scales, minima, factors + factorStride, output + outputStride);
            Finish(Whole(sum20), Whole(sum21), scales, minima, factors + (2 * factorStride), output + (2 * outputStride));
            Finish(Whole(sum30), Whole(sum31), scales, minima, factors + (3 * factorStride), output + (3 * outputStride));
            codes += BlockBytes;
            scales += Panel.Rows;
            minima += Panel.Rows;
            quants += Panel.BlockLength;
            factors++;
        }
    }

    /// <summary>8 rows, four tokens, codes of five bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tile8x4(
        ExpandedPanel panel, int firstRow, int blocks, sbyte* quants, nint quantStride, ActivationBlockScale* factors, nint factorStride, float* output, nint outputStride)
    {
        var codes = panel.Codes + (firstRow * 4);
        var scales = panel.Scales + firstRow;
        var minima = panel.Minima + firstRow;
        output += firstRow;
        for (; blocks > 0; blocks--)
        {
            var whole0 = Vector256<int>.Zero;
            var whole1 = Vector256<int>.Zero;
            var whole2 = Vector256<int>.Zero;
            var whole3 = Vector256<int>.Zero;
            for (var half = 0; half < 2; half++)
            {
                var weights = Vector256.Load(codes);
                var sum0 = TLanes.Pairs(weights, Broadcast(quants));
                var sum1 = TLanes.Pairs(weights, Broadcast(quants + quantStride));
                var sum2 = TLanes.Pairs(weights, Broadcast(quants + (2 * quantStride)));
                var sum3 = TLanes.Pairs(weights, Broadcast(quants + (3 * quantStride)));
                for (var group = 1; group < 4; group++)
                {
                    weights = Vector256.Load(codes + (group * GroupBytes));
                    sum0 += TLanes.Pairs(weights, Broadcast(quants + (4 * group)));
                    sum1 += TLanes.Pairs(weights, Broadcast(quants + quantStride + (4 * group)));
                    sum2 += TLanes.Pairs(weights, Broadcast(quants + (2 * quantStride) + (4 * group)));
                    sum3 += TLanes.Pairs(weights, Broadcast(quants + (3 * quantStride) + (4 * group)));
                }

                whole0 += Whole(sum0);
                whole1 += Whole(sum1);
                whole2 += Whole(sum2);
                whole3 += Whole(sum3);
                codes += 4 * GroupBytes;
                quants += 16;
            }

            Finish(whole0, scales, minima, factors, output);
            Finish(whole1, scales, minima, factors + factorStride, output + outputStride);
            Finish(whole2, scales, minima, factors + (2 * factorStride), output + (2 * outputStride));
            Finish(whole3, scales, minima, factors + (3 * factorStride), output + (3 * outputStride));
            scales += Panel.Rows;
            minima += Panel.Rows;
            factors++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<sbyte> Broadcast(sbyte* quants) => Vector256.Create(*(int*)quants).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> Whole(Vector256<short> pairs) => TLanes.Pairs(pairs, Vector256<short>.One);

    /// <summary>What the zero point adds to every sum of products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> Offset(ActivationBlockScale* factors)
    {
        var sum = Vector256.Create(factors->Sum);
        return TFormat.ZeroPoint switch
        {
            0 => Vector256<int>.Zero,
            8 => Vector256.ShiftLeft(sum, 3),
            16 => Vector256.ShiftLeft(sum, 4),
            _ => sum * TFormat.ZeroPoint,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Finish(Vector256<int> low, Vector256<int> high, float* scales, float* minima, ActivationBlockScale* factors, float* output)
    {
        var offset = Offset(factors);
        var scale = Vector256.Create(factors->Scale);
        var scaledSum = Vector256.Create(factors->ScaledSum);
        Finish(Vector256.Load(output), low - offset, scales, scale, minima, scaledSum).Store(output);
        Finish(Vector256.Load(output + 8), high - offset, scales + 8, scale, minima + 8, scaledSum).Store(output + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Finish(Vector256<int> whole, float* scales, float* minima, ActivationBlockScale* factors, float* output) =>
        Finish(
            Vector256.Load(output), whole - Offset(factors), scales, Vector256.Create(factors->Scale), minima, Vector256.Create(factors->ScaledSum))
            .Store(output);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Finish(
        Vector256<float> sum, Vector256<int> products, float* scales, Vector256<float> scale, float* minima, Vector256<float> scaledSum)
    {
        sum = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(products), Vector256.Load(scales) * scale, sum);
        return TFormat.HasMinima ? Vector256.FusedMultiplyAdd(Vector256.Load(minima), scaledSum, sum) : sum;
    }
}
