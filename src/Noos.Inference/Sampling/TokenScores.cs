namespace Noos.Inference.Sampling;

/// <summary>How likely the model held a token that was generated, and what it held likely instead.</summary>
/// <param name="Chosen">The token that was generated.</param>
/// <param name="Top">
/// The most likely tokens, the likeliest first, of equal ones the smaller; the chosen one is among them only if it is likely.
/// </param>
public sealed record TokenScores(TokenScore Chosen, IReadOnlyList<TokenScore> Top)
{
    // Its arrays are as long as the vocabulary has blocks.
    [ThreadStatic]
    static TokenCandidates? s_candidates;

    /// <summary>Makes the scores of a token.</summary>
    /// <param name="logits">As the model gives them, before temperature, penalties, bias and constraints.</param>
    /// <param name="token">The token that was chosen.</param>
    /// <param name="top">Number of most likely tokens.</param>
    internal static unsafe TokenScores Compute(ReadOnlySpan<float> logits, int token, int top)
    {
        fixed (float* pointer = logits)
        {
            var candidates = s_candidates ??= new TokenCandidates();
            candidates.Begin(pointer, logits.Length);
            var total = candidates.LogTotal();
            if (top > 0)
            {
                candidates.KeepFirst(top);
            }

            var likeliest = new TokenScore[candidates.Ranked.Length];
            for (var i = 0; i < likeliest.Length; i++)
            {
                likeliest[i] = Score(logits, candidates.Ranked[i], total);
            }

            return new TokenScores(Score(logits, token, total), likeliest);
        }

        static TokenScore Score(ReadOnlySpan<float> logits, int candidate, double total) =>
            new(candidate, (float)(logits[candidate] - total));
    }
}

/// <summary>A token and the natural logarithm of its probability.</summary>
public readonly record struct TokenScore(int Token, float LogProbability);
