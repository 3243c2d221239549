namespace Noos.Inference.Tests.Sampling;

/// <summary>
/// The plain reference of TokenCandidates: all tokens sorted, and the filters that leave fewer of them; each sees what the one before it
/// left.
/// The definitions are those of llama.cpp, in double precision.
/// </summary>
sealed class SortedCandidates
{
    readonly List<(int Token, float Logit)> _tokens = [];
    readonly List<(double Distance, int Token, float Logit)> _typical = [];

    public int Count => _tokens.Count;

    public (int Token, float Logit) this[int index] => _tokens[index];

    /// <summary>Begins anew with all tokens that are not forbidden, in their own order.</summary>
    public void Fill(ReadOnlySpan<float> logits)
    {
        _tokens.Clear();
        for (var token = 0; token < logits.Length; token++)
        {
            if (logits[token] > float.NegativeInfinity)
            {
                _tokens.Add((token, logits[token]));
            }
        }
    }

    /// <summary>From the likeliest to the least likely, which the other filters ask for; the smaller token first among equals.</summary>
    public void Sort() =>
        _tokens.Sort(static (a, b) => b.Logit.CompareTo(a.Logit) is var order and not 0 ? order : a.Token.CompareTo(b.Token));

    /// <summary>Leaves those whose logits are at most so many standard deviations below the largest (Tang et al. 2024).</summary>
    public void KeepWithinDeviations(float count)
    {
        var mean = 0d;
        foreach (var (_, logit) in _tokens)
        {
            mean += logit / (double)_tokens.Count;
        }

        var variance = 0d;
        foreach (var (_, logit) in _tokens)
        {
            variance += (logit - mean) * (logit - mean) / _tokens.Count;
        }

        var least = _tokens[0].Logit - (count * Math.Sqrt(variance));
        _tokens.RemoveAll(candidate => candidate.Logit < least);
    }

    public void KeepFirst(int count)
    {
        if (count < _tokens.Count)
        {
            _tokens.RemoveRange(count, _tokens.Count - count);
        }
    }

    /// <summary>
    /// Leaves the tokens whose surprise is nearest to the expected one, until they have so much probability (Meister et al. 2022).
    /// </summary>
    public void KeepTypical(float share)
    {
        var logTotal = Math.Log(Total());
        var entropy = 0d;
        foreach (var (_, logit) in _tokens)
        {
            var log = logit - _tokens[0].Logit - logTotal;
            entropy -= Math.Exp(log) * log;
        }

        _typical.Clear();
        foreach (var (token, logit) in _tokens)
        {
            _typical.Add((Math.Abs(-(logit - _tokens[0].Logit - logTotal) - entropy), token, logit));
        }

        _typical.Sort(static (a, b) => a.Distance.CompareTo(b.Distance) is var order and not 0 ? order : a.Token.CompareTo(b.Token));
        var largest = _tokens[0].Logit;
        _tokens.Clear();
        var sum = 0d;
        foreach (var (_, token, logit) in _typical)
        {
            _tokens.Add((token, logit));
            sum += Math.Exp(logit - largest - logTotal);
            if (sum > share)
            {
                break;
            }
        }

        Sort();
    }

    /// <summary>Leaves the fewest likeliest tokens that have so much probability together.</summary>
    public void KeepProbable(float share)
    {
        var wanted = share * Total();
        var sum = 0d;
        var count = 0;
        while (count < _tokens.Count && (count == 0 || sum < wanted))
        {
            sum += Math.Exp(_tokens[count++].Logit - _tokens[0].Logit);
        }

        KeepFirst(count);
    }

    /// <summary>Leaves the tokens that are at least so likely, relative to the likeliest.</summary>
    public void KeepComparable(float ratio)
    {
        var least = _tokens[0].Logit + MathF.Log(ratio);
        _tokens.RemoveAll(candidate => candidate.Logit < least);
    }

    /// <summary>Takes away all tokens with at least so much probability but the least likely of them (XTC, p-e-w 2024).</summary>
    public void ExcludeTopChoices(float threshold)
    {
        var wanted = threshold * Total();
        var count = 0;
        while (count < _tokens.Count && Math.Exp(_tokens[count].Logit - _tokens[0].Logit) >= wanted)
        {
            count++;
        }

        if (count > 1)
        {
            _tokens.RemoveRange(0, count - 1);
        }
    }

    /// <summary>Sum of the probabilities relative to the likeliest.</summary>
    double Total()
    {
        var total = 0d;
        foreach (var (_, logit) in _tokens)
        {
            total += Math.Exp(logit - _tokens[0].Logit);
        }

        return total;
    }
}
