using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// RMSNorm (Zhang and Sennrich, arXiv:1910.07467): output[i] = input[i] * weight[i] / sqrt(mean(input^2) + epsilon). Input and output may
/// be the same row.
/// </summary>
static unsafe class RmsNorm
{
    /// <summary>Normalizes one row [length]; any length, no alignment needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(float* input, float* weight, float* output, int length, float epsilon)
    {
        var sums = Vector256<float>.Zero;
        var i = 0;
        for (; i + 8 <= length; i += 8)
        {
            var values = Vector256.Load(input + i);
            // Eight partial sums, joined in a fixed order below.
            sums = Vector256.FusedMultiplyAdd(values, values, sums);
        }

        var squares = HorizontalSum.Reduce(sums);
        for (; i < length; i++)
        {
            // The tail of a length that is not a multiple of eight.
            squares += input[i] * input[i];
        }

        var scale = 1f / MathF.Sqrt((squares / length) + epsilon);
        for (i = 0; i + 8 <= length; i += 8)
        {
            (Vector256.Load(input + i) * scale * Vector256.Load(weight + i)).Store(output + i);
        }

        for (; i < length; i++)
        {
            output[i] = input[i] * scale * weight[i];
        }
    }

    /// <summary>The reference of <see cref="Execute"/>, in double precision.</summary>
    public static void ExecuteScalar(float* input, float* weight, float* output, int length, float epsilon)
    {
        var squares = 0d;
        for (var i = 0; i < length; i++)
        {
            squares += (double)input[i] * input[i];
        }

        var scale = 1 / Math.Sqrt((squares / length) + epsilon);
        for (var i = 0; i < length; i++)
        {
            output[i] = (float)(input[i] * scale * weight[i]);
        }
    }
}
