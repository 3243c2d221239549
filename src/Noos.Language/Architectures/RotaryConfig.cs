namespace Noos.Language.Architectures;

/// <summary>Parameters of rotary position embedding (RoPE, Su et al. 2021) and of its scaling to longer contexts.</summary>
public sealed record RotaryConfig
{
    /// <summary>Base of the frequencies.</summary>
    public required float FrequencyBase { get; init; }

    /// <summary>Leading elements of each head that RoPE rotates.</summary>
    public required int Length { get; init; }

    /// <summary>Elements 2i and 2i + 1 are rotated as a pair (original Llama) instead of i and i + length / 2 (NeoX).</summary>
    public bool IsInterleaved { get; init; }

    /// <summary>Positions are divided by this (linear scaling, and YaRN for the slow frequencies).</summary>
    public float Factor { get; init; } = 1;

    /// <summary>YaRN (Peng et al. 2023): fast frequencies stay as they were.</summary>
    public bool IsYarn { get; init; }

    /// <summary>Context length before the stretching; YaRN and LongRoPE need it.</summary>
    public int OriginalContextLength { get; init; }

    public float YarnBetaFast { get; init; } = 32;

    public float YarnBetaSlow { get; init; } = 1;

    /// <summary>What cosines and sines are multiplied with, beside YaRN's own factor.</summary>
    public float Magnitude { get; init; } = 1;

    /// <summary>Radians per position for each rotated pair, and the factor on cosine and sine.</summary>
    /// <param name="divisors">Divides each frequency (Llama 3.1, LongRoPE); empty for none.</param>
    public (double[] Frequencies, float Magnitude) Frequencies(ReadOnlySpan<float> divisors)
    {
        var frequencies = new double[Length / 2];
        var (low, high) = IsYarn ? (Math.Floor(Dimension(YarnBetaFast)), Math.Ceiling(Dimension(YarnBetaSlow))) : (0, 0);
        (low, high) = (Math.Max(0, low), Math.Min(Length - 1, high));
        for (var i = 0; i < frequencies.Length; i++)
        {
            var frequency = Math.Pow(FrequencyBase, -2.0 * i / Length) / (divisors.IsEmpty ? 1 : divisors[i]);
            // YaRN blends: fast frequencies (kept = 1) extrapolate, slow ones (0) are interpolated by the factor.
            var kept = IsYarn ? 1 - Math.Clamp((i - low) / Math.Max(0.001, high - low), 0, 1) : 0;
            frequencies[i] = (frequency / Factor * (1 - kept)) + (frequency * kept);
        }

        return (frequencies, IsYarn ? Magnitude * (1 + (0.1f * MathF.Log(Factor))) : Magnitude);
    }

    /// <summary>YaRN's inverse: the dimension whose angle makes so many full rotations within the original context.</summary>
    double Dimension(double rotations) =>
        Length * Math.Log(OriginalContextLength / (rotations * 2 * Math.PI)) / (2 * Math.Log(FrequencyBase));
}
