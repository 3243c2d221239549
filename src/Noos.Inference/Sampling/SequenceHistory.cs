namespace Noos.Inference.Sampling;

/// <summary>All tokens so far, for the DRY penalty.</summary>
/// <param name="penalty">Its options.</param>
/// <param name="breaks">Whether a token is a sequence breaker.</param>
sealed class SequenceHistory(SequencePenalty penalty, Func<int, bool> breaks)
{
    // Longer sequences have the same penalty, which is beyond any logit by then.
    const int MaxBeyondAllowed = 256;

    readonly List<int> _tokens = [];
    readonly Dictionary<int, int> _lengths = [];

    /// <summary>Appends tokens of the prompt or the answer.</summary>
    public void Accept(ReadOnlySpan<int> tokens) => _tokens.AddRange(tokens);

    /// <summary>Subtracts the DRY penalty from every token that would continue a repetition.</summary>
    public void Penalize(Span<float> logits)
    {
        var start = penalty.Window < 0 ? 0 : Math.Max(0, _tokens.Count - penalty.Window);
        var last = _tokens.Count - 1;
        var max = UnbrokenLength(start);
        if (max < penalty.AllowedLength)
        {
            return;
        }

        _lengths.Clear();
        // Every earlier place whose preceding tokens equal the latest ones predicts the token that followed there. Quadratic at worst, but
        // nearly all places differ in the first token compared.
        for (var end = last - 1; end >= start; end--)
        {
            var length = 0;
            while (length < max && end - length >= start && _tokens[end - length] == _tokens[last - length])
            {
                length++;
            }

            var next = _tokens[end + 1];
            if (length >= penalty.AllowedLength && length > _lengths.GetValueOrDefault(next))
            {
                _lengths[next] = length;
            }
        }

        foreach (var (token, length) in _lengths)
        {
            logits[token] -= MathF.Min(penalty.Multiplier * MathF.Pow(penalty.Base, length - penalty.AllowedLength), float.MaxValue);
        }
    }

    /// <summary>Tokens since the last one that ends a sequence.</summary>
    int UnbrokenLength(int start)
    {
        var max = Math.Min(_tokens.Count - start, penalty.AllowedLength + MaxBeyondAllowed);
        for (var length = 0; length < max; length++)
        {
            if (breaks(_tokens[^(length + 1)]))
            {
                return length;
            }
        }

        return max;
    }
}
