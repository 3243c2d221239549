namespace Noos.Inference;

/// <summary>
/// Draws tokens in the order of llama.cpp's default chain: logit bias, penalties, top-k, top-p, min-p, temperature. Deterministic: equal
/// logits, history, options and seed give equal tokens. Ties go to the smaller token. Not for use by two threads at once.
/// </summary>
public sealed class Sampler
{
    readonly SamplingOptions _options;
    readonly Queue<int> _recent = [];
    // How often each of the recent tokens and each of those generated has come.
    readonly Dictionary<int, int> _recentCounts = [];
    readonly Dictionary<int, int> _generatedCounts = [];
    readonly List<(int Token, float Logit)> _kept = [];
    ulong _state;

    public Sampler(SamplingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validate();
        _state = options.Seed ?? (ulong)Random.Shared.NextInt64();
    }

    /// <summary>Draws a token. Bias and penalties are written into the logits; tokens at negative infinity are never drawn.</summary>
    /// <exception cref="ArgumentException">No token is allowed, or all logits are NaN.</exception>
    public int Sample(Span<float> logits)
    {
        Penalize(logits);
        var token = _options.Temperature == 0 ? MostLikely(logits) : Draw(logits);
        return token >= 0 ? token : throw new ArgumentException("Every token is forbidden.", nameof(logits));
    }

    /// <summary>Remembers a token that was generated.</summary>
    public void Accept(int token)
    {
        _generatedCounts[token] = _generatedCounts.GetValueOrDefault(token) + 1;
        Remember(token);
    }

    /// <summary>Remembers a prompt: it counts for the repetition penalty alone.</summary>
    public void AcceptPrompt(ReadOnlySpan<int> tokens)
    {
        var recent = _options.RepetitionWindow < 0 ? tokens : tokens[Math.Max(0, tokens.Length - _options.RepetitionWindow)..];
        foreach (var token in recent)
        {
            Remember(token);
        }
    }

    void Remember(int token)
    {
        if (_options.RepetitionPenalty == 1)
        {
            return;
        }

        _recent.Enqueue(token);
        _recentCounts[token] = _recentCounts.GetValueOrDefault(token) + 1;
        if (_options.RepetitionWindow >= 0 && _recent.Count > _options.RepetitionWindow)
        {
            var forgotten = _recent.Dequeue();
            if (--_recentCounts[forgotten] == 0)
            {
                _recentCounts.Remove(forgotten);
            }
        }
    }

    static int MostLikely(ReadOnlySpan<float> logits)
    {
        var best = -1;
        var largest = float.NegativeInfinity;
        for (var token = 0; token < logits.Length; token++)
        {
            if (logits[token] > largest)
            {
                largest = logits[token];
                best = token;
            }
        }

        return best;
    }

    void Penalize(Span<float> logits)
    {
        foreach (var (token, bias) in _options.LogitBias)
        {
            logits[token] += bias;
        }

        foreach (var (token, _) in _recentCounts)
        {
            logits[token] = logits[token] > 0 ? logits[token] / _options.RepetitionPenalty : logits[token] * _options.RepetitionPenalty;
        }

        if (_options.FrequencyPenalty == 0 && _options.PresencePenalty == 0)
        {
            return;
        }

        foreach (var (token, count) in _generatedCounts)
        {
            logits[token] -= (count * _options.FrequencyPenalty) + _options.PresencePenalty;
        }
    }

    int Draw(ReadOnlySpan<float> logits)
    {
        Keep(logits);
        if (_kept.Count == 0)
        {
            return -1;
        }

        var largest = float.NegativeInfinity;
        foreach (var (_, logit) in _kept)
        {
            largest = MathF.Max(largest, logit);
        }

        var total = 0d;
        foreach (var (_, logit) in _kept)
        {
            total += Math.Exp((logit - largest) / _options.Temperature);
        }

        var left = NextDouble() * total;
        foreach (var (token, logit) in _kept)
        {
            left -= Math.Exp((logit - largest) / _options.Temperature);
            if (left < 0)
            {
                return token;
            }
        }

        return _kept[^1].Token;
    }

    /// <summary>Fills the candidates that top-k, top-p and min-p leave.</summary>
    void Keep(ReadOnlySpan<float> logits)
    {
        _kept.Clear();
        for (var token = 0; token < logits.Length; token++)
        {
            if (logits[token] > float.NegativeInfinity)
            {
                _kept.Add((token, logits[token]));
            }
        }

        var limited = _options.TopK > 0 && _options.TopK < _kept.Count;
        if (_kept.Count == 0 || (!limited && _options.TopP == 1 && _options.MinP == 0))
        {
            return;
        }

        _kept.Sort(static (a, b) => b.Logit.CompareTo(a.Logit) is var order and not 0 ? order : a.Token.CompareTo(b.Token));
        if (limited)
        {
            _kept.RemoveRange(_options.TopK, _kept.Count - _options.TopK);
        }

        var largest = _kept[0].Logit;
        if (_options.TopP < 1)
        {
            var total = 0d;
            foreach (var (_, logit) in _kept)
            {
                total += Math.Exp(logit - largest);
            }

            var sum = 0d;
            var count = 0;
            while (count < _kept.Count && (count == 0 || sum < _options.TopP * total))
            {
                sum += Math.Exp(_kept[count++].Logit - largest);
            }

            _kept.RemoveRange(count, _kept.Count - count);
        }

        if (_options.MinP > 0)
        {
            var least = largest + MathF.Log(_options.MinP);
            _kept.RemoveAll(candidate => candidate.Logit < least);
        }
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014), 53 bits of it.</summary>
    double NextDouble()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1ul << 53));
    }
}
