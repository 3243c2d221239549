using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels;

namespace Noos.Inference.Speech;

/// <summary>
/// Which tokens may come next, as in decoding.py of Whisper: no special ones, timestamps in pairs that never go back, and a timestamp
/// wherever timestamps together are likelier than any text.
/// </summary>
/// <param name="vocabulary">Of the model.</param>
/// <param name="suppressNonSpeech">No token that begins an annotation, such as a bracket or a note of music.</param>
sealed class TokenRules(WhisperVocabulary vocabulary, bool suppressNonSpeech)
{
    // The speech begins within the first second of a window.
    const int MaxFirstTimestamp = 50;

    /// <summary>Scores of tokens that may not come become negative infinity; the others become logarithms of probabilities.</summary>
    /// <param name="logits">One per token of the vocabulary.</param>
    /// <param name="tokens">Those of the window so far.</param>
    public void Apply(Span<float> logits, IReadOnlyList<int> tokens)
    {
        var (end, first) = (vocabulary.EndOfText, vocabulary.FirstTimestamp);
        Forbid(logits[(end + 1)..first]);
        if (suppressNonSpeech)
        {
            foreach (var token in vocabulary.NonSpeech)
            {
                logits[token] = float.NegativeInfinity;
            }
        }

        if (tokens.Count == 0)
        {
            // A window begins with a time, and ends not at once.
            Forbid(logits[..first]);
            Forbid(logits[Math.Min(first + MaxFirstTimestamp + 1, logits.Length)..]);
        }
        else
        {
            ApplyPairs(logits, tokens);
        }

        // The text behind the first time must not be blank.
        if (tokens.Count == 1 && vocabulary.Blank >= 0)
        {
            logits[vocabulary.Blank] = float.NegativeInfinity;
        }

        Normalize(logits);
        var likeliest = MaxOf(logits[..first]);
        if (LogSumExp(logits[first..]) > likeliest)
        {
            Forbid(logits[..first]);
            Normalize(logits);
        }
    }

    void ApplyPairs(Span<float> logits, IReadOnlyList<int> tokens)
    {
        var (end, first) = (vocabulary.EndOfText, vocabulary.FirstTimestamp);
        var endsWithTime = tokens[^1] >= first;
        var hasTimeBefore = tokens.Count < 2 || tokens[^2] >= first;
        if (endsWithTime)
        {
            // The end of a segment is followed by the beginning of the next, or by the end; a beginning by text.
            Forbid(hasTimeBefore ? logits[first..] : logits[..end]);
        }

        for (var index = tokens.Count - 1; index >= 0; index--)
        {
            if (tokens[index] >= first)
            {
                // A segment has a length; the next one may begin where the last one ended.
                var least = endsWithTime && !hasTimeBefore ? tokens[index] : tokens[index] + 1;
                Forbid(logits[first..Math.Min(least, logits.Length)]);
                break;
            }
        }
    }

    /// <summary>The likeliest token.</summary>
    public static int Best(ReadOnlySpan<float> logits)
    {
        var max = MaxOf(logits);
        return Math.Max(0, logits.IndexOf(max));
    }

    /// <summary>Draws a token: softmax(logits / temperature).</summary>
    public static int Draw(ReadOnlySpan<float> logits, float temperature, Random random)
    {
        var max = MaxOf(logits);
        var sum = 0d;
        foreach (var logit in logits)
        {
            sum += Math.Exp((logit - max) / temperature);
        }

        var rest = random.NextDouble() * sum;
        for (var token = 0; token < logits.Length; token++)
        {
            rest -= Math.Exp((logits[token] - max) / temperature);
            if (rest < 0)
            {
                return token;
            }
        }

        return Best(logits);
    }

    /// <summary>logits -= log(sum(exp(logits)))</summary>
    public static void Normalize(Span<float> logits)
    {
        var sum = LogSumExp(logits);
        for (var token = 0; token < logits.Length && float.IsFinite(sum); token++)
        {
            logits[token] -= sum;
        }
    }

    /// <summary>log(sum(exp(logits))); negative infinity where none is finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe float LogSumExp(ReadOnlySpan<float> logits)
    {
        var max = MaxOf(logits);
        if (!float.IsFinite(max))
        {
            return float.NegativeInfinity;
        }

        fixed (float* start = logits)
        {
            var sums = Vector256<float>.Zero;
            var index = 0;
            for (; index + 8 <= logits.Length; index += 8)
            {
                sums += Exp2.Approximate((Vector256.Load(start + index) - Vector256.Create(max)) * Exp2.Log2E);
            }

            var sum = HorizontalSum.Reduce(sums);
            for (; index < logits.Length; index++)
            {
                sum += Exp2.Approximate((start[index] - max) * Exp2.Log2E);
            }

            return max + MathF.Log(sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe float MaxOf(ReadOnlySpan<float> logits)
    {
        fixed (float* start = logits)
        {
            var maxima = Vector256.Create(float.NegativeInfinity);
            var index = 0;
            for (; index + 8 <= logits.Length; index += 8)
            {
                maxima = Vector256.Max(maxima, Vector256.Load(start + index));
            }

            var max = float.NegativeInfinity;
            for (var lane = 0; lane < 8; lane++)
            {
                max = MathF.Max(max, maxima[lane]);
            }

            for (; index < logits.Length; index++)
            {
                max = MathF.Max(max, start[index]);
            }

            return max;
        }
    }

    static void Forbid(Span<float> logits) => logits.Fill(float.NegativeInfinity);
}
