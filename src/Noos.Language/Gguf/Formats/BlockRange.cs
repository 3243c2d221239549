namespace Noos.Language.Gguf.Formats;

/// <summary>What the simple formats derive their scales from.</summary>
static class BlockRange
{
    /// <summary>The value of the largest magnitude, with its sign; the first of equal ones.</summary>
    public static float Extreme(ReadOnlySpan<float> values)
    {
        var magnitude = 0f;
        var extreme = 0f;
        foreach (var value in values)
        {
            if (MathF.Abs(value) > magnitude)
            {
                magnitude = MathF.Abs(value);
                extreme = value;
            }
        }

        return extreme;
    }

    public static (float Minimum, float Maximum) Of(ReadOnlySpan<float> values)
    {
        var (minimum, maximum) = (float.MaxValue, float.MinValue);
        foreach (var value in values)
        {
            minimum = value < minimum ? value : minimum;
            maximum = value > maximum ? value : maximum;
        }

        return (minimum, maximum);
    }
}
