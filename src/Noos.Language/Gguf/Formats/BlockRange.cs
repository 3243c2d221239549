using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Language.Gguf.Formats;

/// <summary>Extrema of a block of values, from which scales are derived.</summary>
static class BlockRange
{
    /// <summary>
    /// The value of the largest magnitude, with its sign; the first of equal ones, as the scalar loops of ggml keep it. Its sign makes the
    /// scale negative where needed, so that the extreme value gets the one level more that two's complement has below zero.
    /// </summary>
    /// <param name="values">A multiple of eight.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Extreme(ReadOnlySpan<float> values)
    {
        var largest = Vector256<float>.Zero;
        for (var rest = values; !rest.IsEmpty; rest = rest[Vector256<float>.Count..])
        {
            largest = Vector256.Max(largest, Vector256.Abs(Vector256.Create(rest)));
        }

        var magnitude = 0f;
        for (var i = 0; i < Vector256<float>.Count; i++)
        {
            magnitude = MathF.Max(magnitude, largest[i]);
        }

        return magnitude == 0 ? 0 : First(values, magnitude);
    }

    /// <summary>
    /// Minimum and maximum. A minimum of zero has the sign of the first zero: it is stored, and the sign is a bit of the file.
    /// </summary>
    /// <param name="values">A multiple of eight.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (float Minimum, float Maximum) MinMax(ReadOnlySpan<float> values)
    {
        var (lowest, highest) = (Vector256.Create(values), Vector256.Create(values));
        for (var rest = values[Vector256<float>.Count..]; !rest.IsEmpty; rest = rest[Vector256<float>.Count..])
        {
            lowest = Vector256.Min(lowest, Vector256.Create(rest));
            highest = Vector256.Max(highest, Vector256.Create(rest));
        }

        var (minimum, maximum) = (lowest[0], highest[0]);
        for (var i = 1; i < Vector256<float>.Count; i++)
        {
            minimum = MathF.Min(minimum, lowest[i]);
            maximum = MathF.Max(maximum, highest[i]);
        }

        return (minimum == 0 ? First(values, 0) : minimum, maximum);
    }

    /// <summary>The first value whose magnitude is the given one; there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float First(ReadOnlySpan<float> values, float magnitude)
    {
        for (var start = 0; ; start += Vector256<float>.Count)
        {
            var equal = Vector256.Equals(Vector256.Abs(Vector256.Create(values[start..])), Vector256.Create(magnitude))
                .ExtractMostSignificantBits();
            if (equal != 0)
            {
                return values[start + BitOperations.TrailingZeroCount(equal)];
            }
        }
    }
}
