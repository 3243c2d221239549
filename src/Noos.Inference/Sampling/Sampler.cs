namespace Noos.Inference.Sampling;

/// <summary>
/// Draws tokens in the order of llama.cpp's default chain: logit bias, penalties, DRY, top-n-sigma, top-k, typical, top-p, min-p, XTC,
/// temperature. Deterministic: equal logits, history, options and seed give equal tokens. Ties go to the smaller token. Not for use by two
/// threads at once.
/// </summary>
public sealed class Sampler
{
    readonly SamplingOptions _options;
    readonly Queue<int> _recent = [];
    // Occurrences per token: within the repetition window, and among generated tokens.
    readonly Dictionary<int, int> _recentCounts = [];
    readonly Dictionary<int, int> _generatedCounts = [];
    readonly SequenceHistory? _sequences;
    readonly TokenCandidates _candidates = new();
    readonly GreedySpanTracker? _spans;
    ulong _state;

    /// <param name="endsSequence">
    /// Whether a token ends a sequence, for <see cref="SamplingOptions.SequencePenalty"/>; null where none does.
    /// </param>
    public Sampler(SamplingOptions options, Func<int, bool>? endsSequence = null)
        : this(options, endsSequence, spans: null)
    {
    }

    /// <param name="spans">Which tokens are greedy although the others are drawn; null for none.</param>
    internal Sampler(SamplingOptions options, Func<int, bool>? endsSequence, GreedySpanTracker? spans)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validate();
        _spans = options.Temperature == 0 ? null : spans;
        _sequences = options.SequencePenalty is { Multiplier: > 0 } penalty
            ? new SequenceHistory(penalty, endsSequence ?? (static _ => false))
            : null;
        // Below 2^53, so that the seed survives as a number in JSON.
        Seed = options.Seed ?? (ulong)Random.Shared.NextInt64(1L << 53);
        _state = Seed;
    }

    /// <summary>The seed that the draws began with: the one of the options, else the one that was drawn.</summary>
    public ulong Seed { get; }

    /// <summary>Draws a token. Bias and penalties are written into the logits; tokens at negative infinity are never drawn.</summary>
    /// <exception cref="ArgumentException">No token is allowed, or all logits are NaN.</exception>
    public int Sample(Span<float> logits)
    {
        Penalize(logits);
        var token = _options.Temperature == 0 || _spans is { IsInside: true } ? ArgMax(logits) : Draw(logits);
        return token >= 0 ? token : throw new ArgumentException("Every token is forbidden.", nameof(logits));
    }

    /// <summary>Remembers a token that was generated.</summary>
    public void Accept(int token)
    {
        _generatedCounts[token] = _generatedCounts.GetValueOrDefault(token) + 1;
        _sequences?.Accept([token]);
        _spans?.Accept(token);
        Remember(token);
    }

    /// <summary>Remembers a prompt: it counts for the penalties of repetitions and sequences alone.</summary>
    public void AcceptPrompt(ReadOnlySpan<int> tokens)
    {
        _sequences?.Accept(tokens);
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
            var oldest = _recent.Dequeue();
            if (--_recentCounts[oldest] == 0)
            {
                _recentCounts.Remove(oldest);
            }
        }
    }

    static unsafe int ArgMax(ReadOnlySpan<float> logits)
    {
        fixed (float* pointer = logits)
        {
            var largest = TokenCandidates.MaxLogit(pointer, logits.Length);
            return largest == float.NegativeInfinity ? -1 : logits.IndexOf(largest);
        }
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

        if (_options.FrequencyPenalty != 0 || _options.PresencePenalty != 0)
        {
            foreach (var (token, count) in _generatedCounts)
            {
                logits[token] -= (count * _options.FrequencyPenalty) + _options.PresencePenalty;
            }
        }

        _sequences?.Penalize(logits);
    }

    unsafe int Draw(ReadOnlySpan<float> logits)
    {
        fixed (float* pointer = logits)
        {
            _candidates.Begin(pointer, logits.Length);
            if (_candidates.Largest == float.NegativeInfinity)
            {
                return -1;
            }

            var greedy = _spans is null ? -1 : logits.IndexOf(_candidates.Largest);
            if (_spans?.Begins(greedy) == true)
            {
                return greedy;
            }

            Filter(logits.Length);
            var token = _candidates.Draw(_options.Temperature, NextDouble());
            return _spans is not null && (_spans.IsMark(token) || _spans.ContinuesWord(token)) ? greedy : token;
        }
    }

    void Filter(int count)
    {
        var excludes = _options.XtcProbability > 0 && NextDouble() < _options.XtcProbability;
        if (_options.TopNSigma > 0)
        {
            _candidates.KeepWithinDeviations(_options.TopNSigma);
        }

        if (_options.TopK > 0 && _options.TopK < count)
        {
            _candidates.KeepFirst(_options.TopK);
        }

        if (_options.TypicalP < 1)
        {
            _candidates.KeepTypical(_options.TypicalP);
        }

        if (_options.TopP < 1)
        {
            _candidates.KeepProbable(_options.TopP);
        }

        if (_options.MinP > 0)
        {
            _candidates.KeepComparable(_options.MinP);
        }

        // Above one half there is never a second one.
        if (excludes && _options.XtcThreshold <= 0.5f)
        {
            _candidates.ExcludeTopChoices(_options.XtcThreshold);
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
