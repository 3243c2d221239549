using System.Numerics;

namespace Noos.Inference.Constraints.Grammar;

/// <summary>One bit per token of a vocabulary: allowed or not.</summary>
static class TokenMask
{
    /// <summary>Sets the logits of all tokens without a bit to negative infinity.</summary>
    public static void Apply(ReadOnlySpan<ulong> mask, Span<float> logits)
    {
        // Whole words first, most are 0.
        for (var word = 0; word < mask.Length; word++)
        {
            var bits = mask[word];
            var group = logits[(word * 64)..Math.Min((word * 64) + 64, logits.Length)];
            if (bits == 0)
            {
                group.Fill(float.NegativeInfinity);
                continue;
            }

            for (var forbidden = ~bits; forbidden != 0; forbidden &= forbidden - 1)
            {
                var index = BitOperations.TrailingZeroCount(forbidden);
                if (index >= group.Length)
                {
                    break;
                }

                group[index] = float.NegativeInfinity;
            }
        }

        // Some models have more logits than their vocabulary has tokens.
        logits[Math.Min(mask.Length * 64, logits.Length)..].Fill(float.NegativeInfinity);
    }
}
