namespace Noos.Inference.Batching;

/// <summary>
/// Sequences that are being generated first, one token each, then prompts in the order in which they came, in what room is left
/// (Sarathi-Serve, Agrawal et al. 2024): so a long prompt never stalls an answer, and every prompt moves on. Stateless.
/// </summary>
public sealed class DecodeFirstPolicy : IBatchPolicy
{
    public static DecodeFirstPolicy Instance { get; } = new();

    /// <inheritdoc/>
    public int Plan(ReadOnlySpan<SequenceView> ready, int tokenBudget, Span<TokenGrant> grants)
    {
        var count = 0;
        for (var index = 0; index < ready.Length && count < tokenBudget; index++)
        {
            if (ready[index].Remaining == 1)
            {
                grants[count++] = new TokenGrant(index, 1);
            }
        }

        var (first, left) = (count, tokenBudget - count);
        for (var index = 0; index < ready.Length && left > 0; index++)
        {
            if (ready[index].Remaining > 1)
            {
                grants[count++] = new TokenGrant(index, 1);
                left--;
            }
        }

        // Each prompt has one token now; the oldest takes what is left, then the next.
        for (var i = first; i < count; i++)
        {
            var more = Math.Min(left, ready[grants[i].Index].Remaining - 1);
            grants[i] = grants[i] with { Tokens = 1 + more };
            left -= more;
        }

        return count;
    }
}
