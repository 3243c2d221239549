using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Noos.Language.Gguf.Formats.SubBlockLanes;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// Finds, for eight sub-blocks at once, the scale of value = scale * (level - half) with the smallest squared error, each error weighted
/// with the square of its value. Levels are stored from 0, their middle is <c>half</c>. The bytes must be those of llama-quantize, so
/// candidates, order of comparisons and order of additions are ggml's (<c>rmse_type</c> 1), one sub-block per vector lane.
/// </summary>
static class ScaleSearch
{
    // GROUP_MAX_EPS: below this a sub-block counts as zero.
    const float Nothing = 1e-15f;
    const int LongestSubBlock = 16;

    /// <summary>Tries eighteen other roundings and solves the least squares for each (ggml's make_qx_quants).</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector256<float> Find(ReadOnlySpan<Vector256<float>> values, Span<Vector256<float>> levels, int half)
    {
        var (extreme, empty) = Extremes(values);
        var (scale, best, zero) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        Span<Vector256<float>> candidate = stackalloc Vector256<float>[LongestSubBlock];
        candidate = candidate[..values.Length];
        for (var attempt = 0; attempt <= 18; attempt++)
        {
            // 0, -9 ... -1, 1 ... 9 tenths of a level: the extreme value need not get the extreme level, because a slightly other scale may
            // round the rest better.
            var step = attempt == 0 ? 0 : attempt <= 9 ? attempt - 10 : attempt - 9;
            var inverse = Vector256.Create(-(half + (0.1f * step))) / extreme;
            var (products, squares) = (zero, zero);
            for (var i = 0; i < values.Length; i++)
            {
                var level = Nearest(inverse * values[i], -half, half - 1);
                candidate[i] = level;
                // Large weights of the model dominate its products, so their errors count for more.
                var weight = values[i] * values[i];
                products += weight * values[i] * level;
                squares += weight * level * level;
            }

            // For fixed levels the best scale is products / squares, and lowers the error by products² / squares: the larger wins, cross-
            // multiplied as in ggml. The first attempt counts even where it is no better than nothing.
            var better = attempt == 0
                ? Vector256<float>.AllBitsSet
                : Vector256.GreaterThan(squares, zero) & Vector256.GreaterThan(products * products, best * squares);
            if (better == zero)
            {
                continue;
            }

            for (var i = 0; i < values.Length; i++)
            {
                levels[i] = Choose(better, candidate[i] + Vector256.Create((float)half), levels[i]);
            }

            var newScale = Choose(Vector256.Equals(squares, zero), zero, products / squares);
            scale = Choose(better, newScale, scale);
            best = Choose(better, newScale * products, best);
        }

        return Clear(levels, scale, empty);
    }

    /// <summary>Moves single levels to where they lessen the error, until none moves or five times (ggml's make_q3_quants).</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector256<float> Refine(ReadOnlySpan<Vector256<float>> values, Span<Vector256<float>> levels, int half)
    {
        var (extreme, empty) = Extremes(values);
        var inverse = Vector256.Create((float)-half) / extreme;
        var (products, squares, zero) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (var i = 0; i < values.Length; i++)
        {
            var level = Nearest(inverse * values[i], -half, half - 1);
            levels[i] = level;
            var weight = values[i] * values[i];
            products += weight * values[i] * level;
            squares += weight * level * level;
        }

        for (var attempt = 0; attempt < 5; attempt++)
        {
            var moved = zero;
            for (var i = 0; i < values.Length; i++)
            {
                var weight = values[i] * values[i];
                var otherProducts = products - (weight * values[i] * levels[i]);
                var otherSquares = squares - (weight * levels[i] * levels[i]);
                // Where this value would round to with the best scale of all the others.
                var level = Nearest(values[i] * otherSquares / otherProducts, -half, half - 1);
                var newProducts = otherProducts + (weight * values[i] * level);
                var newSquares = otherSquares + (weight * level * level);
                var better = Vector256.GreaterThan(otherProducts, zero)
                    & ~Vector256.Equals(level, levels[i])
                    & Vector256.GreaterThan(newSquares, zero)
                    & Vector256.GreaterThan(newProducts * newProducts * squares, products * products * newSquares);
                levels[i] = Choose(better, level, levels[i]);
                products = Choose(better, newProducts, products);
                squares = Choose(better, newSquares, squares);
                moved |= better;
            }

            if (moved == zero)
            {
                break;
            }
        }

        for (var i = 0; i < values.Length; i++)
        {
            levels[i] += Vector256.Create((float)half);
        }

        return Clear(levels, Choose(Vector256.GreaterThan(squares, zero), products / squares, zero), empty);
    }

    /// <summary>The value of the largest magnitude of each sub-block, and where that counts as nothing.</summary>
    static (Vector256<float> Extreme, Vector256<float> Empty) Extremes(ReadOnlySpan<Vector256<float>> values)
    {
        var (magnitude, extreme) = (Vector256<float>.Zero, Vector256<float>.Zero);
        foreach (var value in values)
        {
            var larger = Vector256.GreaterThan(Vector256.Abs(value), magnitude);
            magnitude = Choose(larger, Vector256.Abs(value), magnitude);
            extreme = Choose(larger, value, extreme);
        }

        return (extreme, Vector256.LessThan(magnitude, Vector256.Create(Nothing)));
    }

    static Vector256<float> Clear(Span<Vector256<float>> levels, Vector256<float> scale, Vector256<float> empty)
    {
        foreach (ref var level in levels)
        {
            level = Choose(empty, Vector256<float>.Zero, level);
        }

        return Choose(empty, Vector256<float>.Zero, scale);
    }
}
