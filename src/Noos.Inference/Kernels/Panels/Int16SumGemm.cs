using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// GEMM of unsigned codes of at most five bits and int8 activations for AVX2 and portable code. vpmaddubsw sums pairs in int16 and further
/// pairs are added in int16 as long as they fit (<see cref="CodeType"/>), so that most products cost one multiplication and one addition;
/// then they are widened to int32, then comes one fused multiply-add per block and row. For each row and token the float sum goes from the
/// first block to the last, whatever the tile: tiles never change a bit.
/// </summary>
static unsafe class Int16SumGemm<TFormat, TDot>
    where TFormat : struct, IPanelFormat
    where TDot : struct, IDotProductIsa
{
    const int GroupBytes = Panel.Rows * 4;
    const int BlockBytes = 8 * GroupBytes;

    /// <summary>
    /// Groups of four columns whose products fit an int16 sum: one pair sum per group and lane, see <see cref="CodeType"/>.
    /// </summary>
    static int GroupsPerInt16Sum => TFormat.CodeType == CodeType.UInt4 ? 8 : 4;

    /// <summary>Micro-kernel of 32 rows and one token: output[32 rows] += unpacked[32 rows, 32 * blocks] * quants.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tile32x1(UnpackedPanel panel, int blocks, sbyte* quants, ActivationBlockScale* blockScales, float* output)
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
            var dot0 = Vector256<int>.Zero;
            var dot1 = Vector256<int>.Zero;
            var dot2 = Vector256<int>.Zero;
            var dot3 = Vector256<int>.Zero;
            // Once for four-bit codes, twice for five-bit codes.
            for (var first = 0; first < 8; first += GroupsPerInt16Sum)
            {
                var activations = Broadcast(quants + (4 * first));
                var weights = codes + (first * GroupBytes);
                // The first group starts the int16 sums, which saves zeroing them.
                var pairs0 = TDot.MultiplyAddPairs(Vector256.Load(weights), activations);
                var pairs1 = TDot.MultiplyAddPairs(Vector256.Load(weights + 32), activations);
                var pairs2 = TDot.MultiplyAddPairs(Vector256.Load(weights + 64), activations);
                var pairs3 = TDot.MultiplyAddPairs(Vector256.Load(weights + 96), activations);
                for (var group = first + 1; group < first + GroupsPerInt16Sum; group++)
                {
                    activations = Broadcast(quants + (4 * group));
                    weights = codes + (group * GroupBytes);
                    pairs0 += TDot.MultiplyAddPairs(Vector256.Load(weights), activations);
                    pairs1 += TDot.MultiplyAddPairs(Vector256.Load(weights + 32), activations);
                    pairs2 += TDot.MultiplyAddPairs(Vector256.Load(weights + 64), activations);
                    pairs3 += TDot.MultiplyAddPairs(Vector256.Load(weights + 96), activations);
                }

                dot0 += WidenPairs(pairs0);
                dot1 += WidenPairs(pairs1);
                dot2 += WidenPairs(pairs2);
                dot3 += WidenPairs(pairs3);
            }

            // Codes were multiplied unsigned; the zero point is taken away once per block instead of once per code.
            var offset = ZeroPointOffset(blockScales);
            var scale = Vector256.Create(blockScales->Scale);
            var scaledSum = Vector256.Create(blockScales->ScaledSum);
            sum0 = Accumulate(sum0, dot0 - offset, scales, scale, minima, scaledSum);
            sum1 = Accumulate(sum1, dot1 - offset, scales + 8, scale, minima + 8, scaledSum);
            sum2 = Accumulate(sum2, dot2 - offset, scales + 16, scale, minima + 16, scaledSum);
            sum3 = Accumulate(sum3, dot3 - offset, scales + 24, scale, minima + 24, scaledSum);
            codes += BlockBytes;
            scales += Panel.Rows;
            minima += Panel.Rows;
            quants += Panel.BlockLength;
            blockScales++;
        }

        sum0.Store(output);
        sum1.Store(output + 8);
        sum2.Store(output + 16);
        sum3.Store(output + 24);
    }

    /// <summary>
    /// Micro-kernel of 16 rows and four tokens, codes of four bits. The float sums stay in memory (L1): eight int16 sums, two weights,
    /// one activation and the product leave no registers for them. Strides in elements of their arrays.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tile16x4(
        UnpackedPanel panel, int firstRow, int blocks, sbyte* quants, nint quantStride, ActivationBlockScale* blockScales,
        nint blockScaleStride, float* output, nint outputStride)
    {
        var codes = panel.Codes + (firstRow * 4);
        var scales = panel.Scales + firstRow;
        var minima = panel.Minima + firstRow;
        output += firstRow;
        for (; blocks > 0; blocks--)
        {
            // Both weight registers are used for four tokens, so a weight is loaded once per four multiplications.
            var low = Vector256.Load(codes);
            var high = Vector256.Load(codes + 32);
            var activations = Broadcast(quants);
            var sum00 = TDot.MultiplyAddPairs(low, activations);
            var sum01 = TDot.MultiplyAddPairs(high, activations);
            activations = Broadcast(quants + quantStride);
            var sum10 = TDot.MultiplyAddPairs(low, activations);
            var sum11 = TDot.MultiplyAddPairs(high, activations);
            activations = Broadcast(quants + (2 * quantStride));
            var sum20 = TDot.MultiplyAddPairs(low, activations);
            var sum21 = TDot.MultiplyAddPairs(high, activations);
            activations = Broadcast(quants + (3 * quantStride));
            var sum30 = TDot.MultiplyAddPairs(low, activations);
            var sum31 = TDot.MultiplyAddPairs(high, activations);
            // Eight pair sums of four-bit codes fit int16: at most 30480.
            for (var group = 1; group < 8; group++)
            {
                low = Vector256.Load(codes + (group * GroupBytes));
                high = Vector256.Load(codes + (group * GroupBytes) + 32);
                activations = Broadcast(quants + (4 * group));
                sum00 += TDot.MultiplyAddPairs(low, activations);
                sum01 += TDot.MultiplyAddPairs(high, activations);
                activations = Broadcast(quants + quantStride + (4 * group));
                sum10 += TDot.MultiplyAddPairs(low, activations);
                sum11 += TDot.MultiplyAddPairs(high, activations);
                activations = Broadcast(quants + (2 * quantStride) + (4 * group));
                sum20 += TDot.MultiplyAddPairs(low, activations);
                sum21 += TDot.MultiplyAddPairs(high, activations);
                activations = Broadcast(quants + (3 * quantStride) + (4 * group));
                sum30 += TDot.MultiplyAddPairs(low, activations);
                sum31 += TDot.MultiplyAddPairs(high, activations);
            }

            Accumulate(WidenPairs(sum00), WidenPairs(sum01), scales, minima, blockScales, output);
            Accumulate(WidenPairs(sum10), WidenPairs(sum11), scales, minima, blockScales + blockScaleStride, output + outputStride);
            Accumulate(
                WidenPairs(sum20), WidenPairs(sum21), scales, minima, blockScales + (2 * blockScaleStride), output + (2 * outputStride));
            Accumulate(
                WidenPairs(sum30), WidenPairs(sum31), scales, minima, blockScales + (3 * blockScaleStride), output + (3 * outputStride));
            // Only the tile's 16 rows were used; the stride is that of the whole panel.
            codes += BlockBytes;
            scales += Panel.Rows;
            minima += Panel.Rows;
            quants += Panel.BlockLength;
            blockScales++;
        }
    }

    /// <summary>
    /// Micro-kernel of 8 rows and four tokens, codes of five bits: their int16 sums must be widened after half a block, so four int32 sums
    /// stay beside four int16 sums.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tile8x4(
        UnpackedPanel panel, int firstRow, int blocks, sbyte* quants, nint quantStride, ActivationBlockScale* blockScales,
        nint blockScaleStride, float* output, nint outputStride)
    {
        var codes = panel.Codes + (firstRow * 4);
        var scales = panel.Scales + firstRow;
        var minima = panel.Minima + firstRow;
        output += firstRow;
        for (; blocks > 0; blocks--)
        {
            var dot0 = Vector256<int>.Zero;
            var dot1 = Vector256<int>.Zero;
            var dot2 = Vector256<int>.Zero;
            var dot3 = Vector256<int>.Zero;
            // 16 columns each: four pair sums of five-bit codes are at most 31496.
            for (var half = 0; half < 2; half++)
            {
                // Eight rows only: with 16, eight int32 sums would stand beside eight int16 sums.
                var weights = Vector256.Load(codes);
                var sum0 = TDot.MultiplyAddPairs(weights, Broadcast(quants));
                var sum1 = TDot.MultiplyAddPairs(weights, Broadcast(quants + quantStride));
                var sum2 = TDot.MultiplyAddPairs(weights, Broadcast(quants + (2 * quantStride)));
                var sum3 = TDot.MultiplyAddPairs(weights, Broadcast(quants + (3 * quantStride)));
                for (var group = 1; group < 4; group++)
                {
                    weights = Vector256.Load(codes + (group * GroupBytes));
                    sum0 += TDot.MultiplyAddPairs(weights, Broadcast(quants + (4 * group)));
                    sum1 += TDot.MultiplyAddPairs(weights, Broadcast(quants + quantStride + (4 * group)));
                    sum2 += TDot.MultiplyAddPairs(weights, Broadcast(quants + (2 * quantStride) + (4 * group)));
                    sum3 += TDot.MultiplyAddPairs(weights, Broadcast(quants + (3 * quantStride) + (4 * group)));
                }

                dot0 += WidenPairs(sum0);
                dot1 += WidenPairs(sum1);
                dot2 += WidenPairs(sum2);
                dot3 += WidenPairs(sum3);
                codes += 4 * GroupBytes;
                quants += 16;
            }

            Accumulate(dot0, scales, minima, blockScales, output);
            Accumulate(dot1, scales, minima, blockScales + blockScaleStride, output + outputStride);
            Accumulate(dot2, scales, minima, blockScales + (2 * blockScaleStride), output + (2 * outputStride));
            Accumulate(dot3, scales, minima, blockScales + (3 * blockScaleStride), output + (3 * outputStride));
            scales += Panel.Rows;
            minima += Panel.Rows;
            blockScales++;
        }
    }

    /// <summary>Four neighbouring activations in every 32-bit lane; a lane belongs to one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<sbyte> Broadcast(sbyte* quants) => Vector256.Create(*(int*)quants).AsSByte();

    /// <summary>Sums neighbouring int16 lanes, both of the same row, to int32: vpmaddwd with ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> WidenPairs(Vector256<short> pairs) => TDot.MultiplyAddPairs(pairs, Vector256<short>.One);

    /// <summary>zero point * sum of activations: what the zero point contributes to every sum of products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> ZeroPointOffset(ActivationBlockScale* blockScales)
    {
        var sum = Vector256.Create(blockScales->Sum);
        // A constant switch that the JIT folds: shifts instead of vpmulld, which is two micro-operations on Intel.
        return TFormat.ZeroPoint switch
        {
            0 => Vector256<int>.Zero,
            8 => Vector256.ShiftLeft(sum, 3),
            16 => Vector256.ShiftLeft(sum, 4),
            _ => sum * TFormat.ZeroPoint,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Accumulate(
        Vector256<int> low, Vector256<int> high, float* scales, float* minima, ActivationBlockScale* blockScales, float* output)
    {
        var offset = ZeroPointOffset(blockScales);
        var scale = Vector256.Create(blockScales->Scale);
        var scaledSum = Vector256.Create(blockScales->ScaledSum);
        Accumulate(Vector256.Load(output), low - offset, scales, scale, minima, scaledSum).Store(output);
        Accumulate(Vector256.Load(output + 8), high - offset, scales + 8, scale, minima + 8, scaledSum).Store(output + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Accumulate(Vector256<int> dot, float* scales, float* minima, ActivationBlockScale* blockScales, float* output) =>
        Accumulate(
            Vector256.Load(output), dot - ZeroPointOffset(blockScales), scales, Vector256.Create(blockScales->Scale), minima,
                    Vector256.Create(blockScales->ScaledSum))
            .Store(output);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Accumulate(
        Vector256<float> sum, Vector256<int> products, float* scales, Vector256<float> scale, float* minima, Vector256<float> scaledSum)
    {
        // The int32 sum is below 2^24, so the conversion is exact and this multiply-add is the only rounding besides scale * scale.
        sum = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(products), Vector256.Load(scales) * scale, sum);
        return TFormat.HasMinima ? Vector256.FusedMultiplyAdd(Vector256.Load(minima), scaledSum, sum) : sum;
    }
}
