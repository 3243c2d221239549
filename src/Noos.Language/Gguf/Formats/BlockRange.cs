using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Language.Gguf.Formats;

/// <summary>What scales are derived from.</summary>
static class BlockRange
{
    /// <summary>The value of the largest magnitude, with its sign; the first of equal ones.</summary>
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

    /// <summary>A zero has the sign of the first zero.</summary>
    /// <param name="values">A multiple of eight.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (float Minimum, float Maximum) Of(ReadOnlySpan<float> values)
    {
        var (least, most) = (Vector256.Create(values), Vector256.Create(values));
        for (var rest = values[Vector256<float>.Count..]; !rest.IsEmpty; rest = rest[Vector256<float>.Count..])
        {
            least = Vector256.Min(least, Vector256.Create(rest));
            most = Vector256.Max(most, Vector256.Create(rest));
        }

        var (minimum, maximum) = (least[0], most[0]);
        for (var i = 1; i < Vector256<float>.Count; i++)
        {
            minimum = MathF.Min(minimum, least[i]);
            maximum = MathF.Max(maximum, most[i]);
        }

        return (minimum == 0 ? First(values, 0) : minimum, maximum);
    }

    /// <summary>The first value whose magnitude is the given one; there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float First(ReadOnlySpan<float> values, float magnitude)
    {
        for (var start = 0; ; start += Vector256<float>.Count)
        {
            var equal = Vector256.Equals(Vector256.Abs(Vector256.Create(values[start..])), Vector256.Create(magnitude)).ExtractMostSignificantBits();
            if (equal != 0)
            {
                return values[start + BitOperations.TrailingZeroCount(equal)];
            }
        }
    }
}
