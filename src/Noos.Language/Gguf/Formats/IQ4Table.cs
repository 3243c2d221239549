namespace Noos.Language.Gguf.Formats;

/// <summary>The sixteen numbers that levels of IQ4_NL and IQ4_XS stand for, and the search for the scale of 32 values with the least weighted error.</summary>
static class IQ4Table
{
    public const int BlockLength = 32;

    const float Nothing = 1e-15f;
    const int Attempts = 7;

    public static ReadOnlySpan<sbyte> Numbers => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <summary>0 when all values count as nothing.</summary>
    public static float FindScale(ReadOnlySpan<float> values)
    {
        var extreme = BlockRange.Extreme(values);
        if (MathF.Abs(extreme) < Nothing)
        {
            return 0;
        }

        var (products, squares) = Fit(values, 1 / (-extreme / Numbers[0]));
        var scale = squares > 0 ? products / squares : 0;
        var best = scale * products;
        for (var attempt = -Attempts; attempt <= Attempts; attempt++)
        {
            (products, squares) = Fit(values, (attempt + Numbers[0]) / extreme);
            if (squares > 0 && products * products > best * squares)
            {
                scale = products / squares;
                best = scale * products;
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

    /// <summary>Writes the levels of 32 values at the scale whose inverse is given: value i in the low and i + 16 in the high half of byte i.</summary>
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

    /// <summary>The sums of the least squares, each value weighted with its square.</summary>
    static (float Products, float Squares) Fit(ReadOnlySpan<float> values, float inverse)
    {
        var (products, squares) = (0f, 0f);
        foreach (var value in values)
        {
            float number = Numbers[Nearest(inverse * value)];
            var weight = value * value;
            products += weight * number * value;
            squares += weight * number * number;
        }

        return (products, squares);
    }
}
