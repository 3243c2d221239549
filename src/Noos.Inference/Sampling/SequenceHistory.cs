namespace Noos.Inference.Sampling;

/// <summary>The text so far, as <see cref="SequencePenalty"/> looks at it.</summary>
/// <param name="breaks">Whether a token ends a sequence.</param>
sealed class SequenceHistory(SequencePenalty penalty, Func<int, bool> breaks)
{
    // Longer sequences have the same penalty, which is beyond any logit by then.
    const int MostBeyondAllowed = 256;

    readonly List<int> _tokens = [];
    readonly Dictionary<int, int> _longest = [];

    public void Accept(ReadOnlySpan<int> tokens) => _tokens.AddRange(tokens);

    public void Penalize(Span<float> logits)
    {
        var start = penalty.Window < 0 ? 0 : Math.Max(0, _tokens.Count - penalty.Window);
        var last = _tokens.Count - 1;
        var most = UnbrokenLength(start);
        if (most < penalty.AllowedLength)
        {
            return;
        }

        _longest.Clear();
        for (var end = last - 1; end >= start; end--)
        {
            var length = 0;
            while (length < most && end - length >= start && _tokens[end - length] == _tokens[last - length])
            {
                length++;
            }

            var next = _tokens[end + 1];
            if (length >= penalty.AllowedLength && length > _longest.GetValueOrDefault(next))
            {
                _longest[next] = length;
            }
        }

        foreach (var (token, length) in _longest)
        {
            logits[token] -= MathF.Min(penalty.Multiplier * MathF.Pow(penalty.Base, length - penalty.AllowedLength), float.MaxValue);
        }
    }

    /// <summary>Tokens since the last one that ends a sequence.</summary>
    int UnbrokenLength(int start)
    {
        var most = Math.Min(_tokens.Count - start, penalty.AllowedLength + MostBeyondAllowed);
        for (var length = 0; length < most; length++)
        {
            if (breaks(_tokens[^(length + 1)]))
            {
                return length;
            }
        }

        return most;
    }
}
