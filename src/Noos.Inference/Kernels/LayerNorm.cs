using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// LayerNorm (Ba et al., arXiv:1607.06450): output[i] = (input[i] - mean) / sqrt(variance + epsilon) * weight[i] + bias[i]. Input and
/// output may be the same row.
/// </summary>
static unsafe class LayerNorm
{
    /// <summary>Normalizes one row [length]; any length, no alignment needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(float* input, float* weight, float* bias, float* output, int length, float epsilon)
    {
        var sums = Vector256<float>.Zero;
        var i = 0;
        for (; i + 8 <= length; i += 8)
        {
            sums += Vector256.Load(input + i);
        }

        var sum = HorizontalSum.Reduce(sums);
        for (; i < length; i++)
        {
            sum += input[i];
        }

        // Two passes: the difference of two large sums would lose the variance of a row far from zero.
        var mean = sum / length;
        sums = Vector256<float>.Zero;
        for (i = 0; i + 8 <= length; i += 8)
        {
            var values = Vector256.Load(input + i) - Vector256.Create(mean);
            sums = Vector256.FusedMultiplyAdd(values, values, sums);
        }

        var squares = HorizontalSum.Reduce(sums);
        for (; i < length; i++)
        {
            squares += (input[i] - mean) * (input[i] - mean);
        }

        var scale = 1f / MathF.Sqrt((squares / length) + epsilon);
        for (i = 0; i + 8 <= length; i += 8)
        {
            Vector256.FusedMultiplyAdd(
                (Vector256.Load(input + i) - Vector256.Create(mean)) * scale, Vector256.Load(weight + i), Vector256.Load(bias + i))
                .Store(output + i);
        }

        for (; i < length; i++)
        {
            output[i] = MathF.FusedMultiplyAdd((input[i] - mean) * scale, weight[i], bias[i]);
        }
    }

    /// <summary>The reference of <see cref="Execute"/>, in double precision.</summary>
    public static void ExecuteScalar(float* input, float* weight, float* bias, float* output, int length, float epsilon)
    {
        var (mean, squares) = (0d, 0d);
        for (var i = 0; i < length; i++)
        {
            mean += (double)input[i] / length;
        }

        for (var i = 0; i < length; i++)
        {
            squares += (input[i] - mean) * (input[i] - mean);
        }

        var scale = 1 / Math.Sqrt((squares / length) + epsilon);
        for (var i = 0; i < length; i++)
        {
            output[i] = (float)(((input[i] - mean) * scale * weight[i]) + bias[i]);
        }
    }
}
