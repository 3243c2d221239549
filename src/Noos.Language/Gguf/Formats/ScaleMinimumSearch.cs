using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Noos.Language.Gguf.Formats.SubBlockLanes;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// Finds, for eight sub-blocks at once, the scale and minimum with the smallest weighted error of value = scale * level - minimum: tries a
/// range of roundings and solves the least squares for each (ggml's make_qkx2_quants, whose candidates and order of operations it keeps, so
/// that the bytes are those of llama-quantize).
/// </summary>
/// <param name="MaxLevel">The largest level; the smallest is 0.</param>
/// <param name="FirstShift">The range starts at <paramref name="MaxLevel"/> plus this many levels over the width of the values...</param>
/// <param name="Steps">... and goes on in this many steps of a tenth of a level.</param>
/// <param name="Absolute">The error is the distance, not its square (<c>use_mad</c>).</param>
readonly record struct ScaleMinimumSearch(int MaxLevel, float FirstShift, int Steps, bool Absolute)
{
    const int LongestSubBlock = 32;

    /// <summary>Also writes the levels of the values.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (Vector256<float> Scale, Vector256<float> Minimum) Find(
        ReadOnlySpan<Vector256<float>> values, ReadOnlySpan<Vector256<float>> weights, Span<Vector256<float>> levels)
    {
        var minimum = values[0];
        var maximum = values[0];
        var sumOfWeights = weights[0];
        var sumOfValues = weights[0] * values[0];
        for (var i = 1; i < values.Length; i++)
        {
            minimum = Choose(Vector256.LessThan(values[i], minimum), values[i], minimum);
            maximum = Choose(Vector256.GreaterThan(values[i], maximum), values[i], maximum);
            sumOfWeights += weights[i];
            sumOfValues += weights[i] * values[i];
        }

        // The minimum is subtracted and stored without a sign, so it cannot lift values above zero.
        var zero = Vector256<float>.Zero;
        minimum = Choose(Vector256.GreaterThan(minimum, zero), zero, minimum);
        var flat = Vector256.Equals(maximum, minimum);
        var inverse = Vector256.Create((float)MaxLevel) / (maximum - minimum);
        var scale = Vector256<float>.One / inverse;
        for (var i = 0; i < values.Length; i++)
        {
            levels[i] = Nearest(inverse * (values[i] - minimum), 0, MaxLevel);
        }

        var leastError = Error(values, weights, levels, scale, minimum);
        Span<Vector256<float>> candidate = stackalloc Vector256<float>[LongestSubBlock];
        candidate = candidate[..values.Length];
        for (var step = 0; step <= Steps; step++)
        {
            // The range starts from the best minimum so far, as in ggml.
            inverse = Vector256.Create(FirstShift + (0.1f * step) + MaxLevel) / (maximum - minimum);
            var (sum, squares, products) = (zero, zero, zero);
            for (var i = 0; i < values.Length; i++)
            {
                var level = Nearest(inverse * (values[i] - minimum), 0, MaxLevel);
                candidate[i] = level;
                var weighted = weights[i] * level;
                sum += weighted;
                squares += weighted * level;
                products += weighted * values[i];
            }

            // Normal equations of the weighted least squares in (scale, minimum), by Cramer's rule.
            var determinant = (sumOfWeights * squares) - (sum * sum);
            var newScale = ((sumOfWeights * products) - (sumOfValues * sum)) / determinant;
            var newMinimum = ((squares * sumOfValues) - (sum * products)) / determinant;
            // A minimum above zero cannot be stored: zero instead, and the best scale for that.
            var above = Vector256.GreaterThan(newMinimum, zero);
            newScale = Choose(above, products / squares, newScale);
            newMinimum = Choose(above, zero, newMinimum);
            var error = Error(values, weights, candidate, newScale, newMinimum);
            var better = Vector256.AndNot(Vector256.GreaterThan(determinant, zero) & Vector256.LessThan(error, leastError), flat);
            if (better == zero)
            {
                continue;
            }

            for (var i = 0; i < values.Length; i++)
            {
                levels[i] = Choose(better, candidate[i], levels[i]);
            }

            leastError = Choose(better, error, leastError);
            scale = Choose(better, newScale, scale);
            minimum = Choose(better, newMinimum, minimum);
        }

        for (var i = 0; i < values.Length; i++)
        {
            levels[i] = Choose(flat, zero, levels[i]);
        }

        return (Choose(flat, zero, scale), -minimum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    Vector256<float> Error(
        ReadOnlySpan<Vector256<float>> values, ReadOnlySpan<Vector256<float>> weights, ReadOnlySpan<Vector256<float>> levels,
        Vector256<float> scale, Vector256<float> minimum)
    {
        var sum = Vector256<float>.Zero;
        for (var i = 0; i < values.Length; i++)
        {
            var difference = (scale * levels[i]) + minimum - values[i];
            sum += weights[i] * (Absolute ? Vector256.Abs(difference) : difference * difference);
        }

        return sum;
    }
}
