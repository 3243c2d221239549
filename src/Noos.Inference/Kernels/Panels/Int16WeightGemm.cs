using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// GEMM of signed int16 codes and int16 activations for AVX2 and portable code. vpmaddwd sums pairs in int32 directly; it needs neither
/// vpsignb nor the widening of vpmaddubsw, so it is faster for codes of six to eight bits although they take twice the space. The order
/// of float sums is that of <see cref="Int16SumGemm{TFormat, TDot}"/>. Formats of this type have neither zero points nor minima.
/// </summary>
static unsafe class Int16WeightGemm<TDot>
    where TDot : struct, IDotProductIsa
{
    const int PairLength = Panel.Rows * 2;
    const int BlockLength = 16 * PairLength;

    /// <summary>Micro-kernel of 32 rows and one token; activations in the order of <see cref="Int16Codes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tile32x1(UnpackedPanel panel, int blocks, short* quants, ActivationBlockScale* blockScales, float* output)
    {
        var codes = (short*)panel.Codes;
        var scales = panel.Scales;
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
            // 16 pairs of columns per block; the sum stays below 2^24 by the contract of CodeType.Int16, far from overflow.
            for (var pair = 0; pair < 16; pair++)
            {
                var activations = Broadcast(quants + (2 * pair));
                dot0 += TDot.MultiplyAddPairs(Vector256.Load(codes + (pair * PairLength)), activations);
                dot1 += TDot.MultiplyAddPairs(Vector256.Load(codes + (pair * PairLength) + 16), activations);
                dot2 += TDot.MultiplyAddPairs(Vector256.Load(codes + (pair * PairLength) + 32), activations);
                dot3 += TDot.MultiplyAddPairs(Vector256.Load(codes + (pair * PairLength) + 48), activations);
            }

            var scale = Vector256.Create(blockScales->Scale);
            sum0 = Accumulate(sum0, dot0, scales, scale);
            sum1 = Accumulate(sum1, dot1, scales + 8, scale);
            sum2 = Accumulate(sum2, dot2, scales + 16, scale);
            sum3 = Accumulate(sum3, dot3, scales + 24, scale);
            codes += BlockLength;
            scales += Panel.Rows;
            quants += Panel.BlockLength;
            blockScales++;
        }

        sum0.Store(output);
        sum1.Store(output + 8);
        sum2.Store(output + 16);
        sum3.Store(output + 24);
    }

    /// <summary>Micro-kernel of 16 rows and four tokens: 8 int32 sums, 2 weights, 1 activation and 1 product in 16 registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tile16x4(
        UnpackedPanel panel, int firstRow, int blocks, short* quants, nint quantStride, ActivationBlockScale* blockScales,
        nint blockScaleStride, float* output, nint outputStride)
    {
        var codes = (short*)panel.Codes + (firstRow * 2);
        var scales = panel.Scales + firstRow;
        output += firstRow;
        // Four pointers instead of one and multiples of the stride: cheaper addresses in the inner loop.
        var first = quants;
        var second = quants + quantStride;
        var third = quants + (2 * quantStride);
        var fourth = quants + (3 * quantStride);
        for (; blocks > 0; blocks--)
        {
            var sum00 = Vector256<int>.Zero;
            var sum01 = Vector256<int>.Zero;
            var sum10 = Vector256<int>.Zero;
            var sum11 = Vector256<int>.Zero;
            var sum20 = Vector256<int>.Zero;
            var sum21 = Vector256<int>.Zero;
            var sum30 = Vector256<int>.Zero;
            var sum31 = Vector256<int>.Zero;
            var weights = codes;
            // Two pairs of columns per turn, so that counter and branch cost little beside 16 multiplications.
            for (nint column = 0; column < Panel.BlockLength; column += 4)
            {
                var low = Vector256.Load(weights);
                var high = Vector256.Load(weights + 16);
                var activations = Broadcast(first + column);
                sum00 += TDot.MultiplyAddPairs(low, activations);
                sum01 += TDot.MultiplyAddPairs(high, activations);
                activations = Broadcast(second + column);
                sum10 += TDot.MultiplyAddPairs(low, activations);
                sum11 += TDot.MultiplyAddPairs(high, activations);
                activations = Broadcast(third + column);
                sum20 += TDot.MultiplyAddPairs(low, activations);
                sum21 += TDot.MultiplyAddPairs(high, activations);
                activations = Broadcast(fourth + column);
                sum30 += TDot.MultiplyAddPairs(low, activations);
                sum31 += TDot.MultiplyAddPairs(high, activations);
                low = Vector256.Load(weights + PairLength);
                high = Vector256.Load(weights + PairLength + 16);
                activations = Broadcast(first + column + 2);
                sum00 += TDot.MultiplyAddPairs(low, activations);
                sum01 += TDot.MultiplyAddPairs(high, activations);
                activations = Broadcast(second + column + 2);
                sum10 += TDot.MultiplyAddPairs(low, activations);
                sum11 += TDot.MultiplyAddPairs(high, activations);
                activations = Broadcast(third + column + 2);
                sum20 += TDot.MultiplyAddPairs(low, activations);
                sum21 += TDot.MultiplyAddPairs(high, activations);
                activations = Broadcast(fourth + column + 2);
                sum30 += TDot.MultiplyAddPairs(low, activations);
                sum31 += TDot.MultiplyAddPairs(high, activations);
                weights += 2 * PairLength;
            }

            Accumulate(sum00, sum01, scales, blockScales, output);
            Accumulate(sum10, sum11, scales, blockScales + blockScaleStride, output + outputStride);
            Accumulate(sum20, sum21, scales, blockScales + (2 * blockScaleStride), output + (2 * outputStride));
            Accumulate(sum30, sum31, scales, blockScales + (3 * blockScaleStride), output + (3 * outputStride));
            codes += BlockLength;
            scales += Panel.Rows;
            first += Panel.BlockLength;
            second += Panel.BlockLength;
            third += Panel.BlockLength;
            fourth += Panel.BlockLength;
            blockScales++;
        }
    }

    /// <summary>Two activations, as the codes have their columns, in every 32-bit lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> Broadcast(short* quants) => Vector256.Create(*(int*)quants).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Accumulate(Vector256<int> low, Vector256<int> high, float* scales, ActivationBlockScale* blockScales, float* output)
    {
        var scale = Vector256.Create(blockScales->Scale);
        Accumulate(Vector256.Load(output), low, scales, scale).Store(output);
        Accumulate(Vector256.Load(output + 8), high, scales + 8, scale).Store(output + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Accumulate(Vector256<float> sum, Vector256<int> products, float* scales, Vector256<float> scale) =>
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(products), Vector256.Load(scales) * scale, sum);
}
