using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// The sixteen numbers that levels of IQ4_NL and IQ4_XS stand for (<c>kvalues_iq4nl</c>), and the search for the scale of 32 values with
/// the smallest weighted squared error (ggml's quantize_row_iq4_nl_impl without an importance matrix).
/// </summary>
static class IQ4Table
{
    public const int BlockLength = 32;

    // GROUP_MAX_EPS: below this a block counts as zero.
    const float Nothing = 1e-15f;

    // The first guess, then ggml's ntry = 7 on either side and the middle: two vectors of eight.
    const int Attempts = 16;

    public static ReadOnlySpan<sbyte> Numbers => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <summary>0 when all values count as nothing.</summary>
    public static float FindScale(ReadOnlySpan<float> values)
    {
        var extreme = BlockRange.Extreme(values);
        if (MathF.Abs(extreme) < Nothing)
        {
            return 0;
        }

        // First the extreme value at the end of the table, then up to seven numbers beside it on either side.
        Span<float> inverses = stackalloc float[Attempts];
        inverses[0] = 1 / (-extreme / Numbers[0]);
        for (var i = 1; i < Attempts; i++)
        {
            inverses[i] = (i - (Attempts / 2) + Numbers[0]) / extreme;
        }

        var (scale, best) = (0f, 0f);
        for (var i = 0; i < Attempts; i += Vector256<float>.Count)
        {
            var (products, squares) = Fit(values, Vector256.Create(inverses[i..]));
            for (var lane = 0; lane < Vector256<float>.Count; lane++)
            {
                // The squared error falls by products² / squares, so that is compared; cross-multiplied and in ggml's order, because among
                // equal candidates the first must win and a division would round differently.
                if (squares[lane] > 0 && (i + lane == 0 || products[lane] * products[lane] > best * squares[lane]))
                {
                    scale = products[lane] / squares[lane];
                    best = scale * products[lane];
                }
            }
        }

        return scale;
    }

    public static int Nearest(float value)
    {
        var numbers = Numbers;
        if (value <= numbers[0])
        {
            return 0;
        }

        if (value >= numbers[^1])
        {
            return numbers.Length - 1;
        }

        var (below, above) = (0, numbers.Length - 1);
        while (above - below > 1)
        {
            var middle = (below + above) / 2;
            (below, above) = value < numbers[middle] ? (below, middle) : (middle, above);
        }

        return value - numbers[below] < numbers[above] - value ? below : above;
    }

    /// <summary>
    /// Writes the levels of 32 values at the scale whose inverse is given: value i in the low and i + 16 in the high half of byte i.
    /// </summary>
    public static void WriteLevels(ReadOnlySpan<float> values, float inverse, Span<byte> levels)
    {
        for (var i = 0; i < BlockLength / 2; i++)
        {
            levels[i] = (byte)(Nearest(inverse * values[i]) | (Nearest(inverse * values[(BlockLength / 2) + i]) << 4));
        }
    }

    public static void ReadLevels(ReadOnlySpan<byte> levels, float scale, Span<float> values)
    {
        for (var i = 0; i < BlockLength / 2; i++)
        {
            values[i] = scale * Numbers[levels[i] & 0xF];
            values[(BlockLength / 2) + i] = scale * Numbers[levels[i] >> 4];
        }
    }

    /// <summary>The sums of the least squares for eight scales at once, each value weighted with its square.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static (Vector256<float> Products, Vector256<float> Squares) Fit(ReadOnlySpan<float> values, Vector256<float> inverse)
    {
        var (products, squares) = (Vector256<float>.Zero, Vector256<float>.Zero);
        foreach (var scalar in values)
        {
            var value = Vector256.Create(scalar);
            var number = NearestNumber(inverse * value);
            var weight = value * value;
            products += weight * number * value;
            squares += weight * number * number;
        }

        return (products, squares);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> NearestNumber(Vector256<float> value)
    {
        var numbers = Numbers;
        var below = Vector256.Create((float)numbers[0]);
        var above = Vector256.Create((float)numbers[^1]);
        for (var i = 1; i < numbers.Length; i++)
        {
            var number = Vector256.Create((float)numbers[i]);
            below = Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(value, number), number, below);
            number = Vector256.Create((float)numbers[^(i + 1)]);
            above = Vector256.ConditionalSelect(Vector256.LessThan(value, number), number, above);
        }

        return Vector256.ConditionalSelect(Vector256.LessThan(value - below, above - value), below, above);
    }
}
