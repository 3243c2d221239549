namespace Noos.Inference.Sampling;

/// <summary>How likely the model held a token that was generated, and what it held likely instead.</summary>
/// <param name="Chosen">The token that was generated.</param>
/// <param name="Top">
/// The most likely tokens, the likeliest first, of equal ones the smaller; the chosen one is among them only if it is likely.
/// </param>
public sealed record TokenScores(TokenScore Chosen, IReadOnlyList<TokenScore> Top)
{
    /// <summary>Makes the scores of a token.</summary>
    /// <param name="logits">As the model gives them, before temperature, penalties, bias and constraints.</param>
    /// <param name="token">The token that was chosen.</param>
    /// <param name="top">Number of most likely tokens.</param>
    internal static TokenScores Compute(ReadOnlySpan<float> logits, int token, int top)
    {
        var best = new PriorityQueue<int, (float, int)>(top + 1);
        var largest = float.NegativeInfinity;
        for (var candidate = 0; candidate < logits.Length; candidate++)
        {
            var logit = logits[candidate];
            largest = MathF.Max(largest, logit);
            if (top > 0 && (best.Count < top || (best.TryPeek(out _, out var worst) && logit > worst.Item1)))
            {
                best.Enqueue(candidate, (logit, -candidate));
                if (best.Count > top)
                {
                    best.Dequeue();
                }
            }
        }

        var sum = 0d;
        foreach (var logit in logits)
        {
            sum += Math.Exp(logit - (double)largest);
        }

        var total = largest + Math.Log(sum);
        var likeliest = new TokenScore[best.Count];
        for (var i = likeliest.Length - 1; i >= 0; i--)
        {
            likeliest[i] = Score(logits, best.Dequeue());
        }

        return new TokenScores(Score(logits, token), likeliest);

        TokenScore Score(ReadOnlySpan<float> logits, int candidate) => new(candidate, (float)(logits[candidate] - total));
    }
}

/// <summary>A token and the natural logarithm of its probability.</summary>
public readonly record struct TokenScore(int Token, float LogProbability);
