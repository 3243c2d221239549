namespace Noos.Inference.Sampling;

/// <summary>How the next token is sampled, in llama.cpp's terms. The defaults are greedy: always the most likely token.</summary>
public sealed record SamplingOptions
{
    /// <summary>Largest <see cref="TopLogProbabilities"/>.</summary>
    public const int MaxTopLogProbabilities = 20;

    /// <summary>Divides the logits before the draw; 0 is greedy.</summary>
    public float Temperature { get; init; }

    /// <summary>Only this many of the most likely tokens stay; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>The fewest most likely tokens whose probabilities reach this sum stay; 1 keeps all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Tokens at least this likely, relative to the most likely one, stay; 0 keeps all.</summary>
    public float MinP { get; init; }

    /// <summary>
    /// Tokens whose logits are at most so many standard deviations below the largest stay (Tang et al. 2024); 0 keeps all.
    /// </summary>
    public float TopNSigma { get; init; }

    /// <summary>
    /// Of the tokens whose surprise is nearest to the expected one, those stay that reach this probability (Meister
    /// et al. 2022); 1 keeps all.
    /// </summary>
    public float TypicalP { get; init; } = 1;

    /// <summary>How often all likely tokens but the least likely of them are taken away (XTC, p-e-w 2024); 0 for never.</summary>
    public float XtcProbability { get; init; }

    /// <summary>From which probability on a token is likely, for <see cref="XtcProbability"/>.</summary>
    public float XtcThreshold { get; init; } = 0.1f;

    /// <summary>The same seed gives the same tokens on every machine; null draws one, which <see cref="Sampler.Seed"/> tells.</summary>
    public ulong? Seed { get; init; }

    /// <summary>
    /// Divides the positive logits of recent tokens, those of the prompt too, and multiplies the negative ones (Keskar et al. 2019, and
    /// llama.cpp's repeat_penalty); 1 does nothing.
    /// </summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>How many of the last tokens count as recent (llama.cpp's repeat_last_n): 0 for none, -1 for all.</summary>
    public int RepetitionWindow { get; init; } = 64;

    /// <summary>Subtracted from a token's logit as many times as it was generated; 0 does nothing, less than 0 makes it likelier.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Subtracted from the logit of every token that was generated before.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Makes repeated sequences less likely; null does nothing.</summary>
    public SequencePenalty? SequencePenalty { get; init; }

    /// <summary>Added to the logits of tokens by their ids.</summary>
    public IReadOnlyDictionary<int, float> LogitBias { get; init; } = new Dictionary<int, float>();

    /// <summary>
    /// Log probabilities are asked for, together with those of so many of the most likely tokens, 0 to 20; null for none. Then even tokens
    /// that a constraint forces are scored, which takes time but changes no token.
    /// </summary>
    public int? TopLogProbabilities { get; init; }

    /// <summary>
    /// The first five tokens, tool calls, quoted spans, numbers and the rest of a word that was begun are greedy whatever the temperature;
    /// what is between them is drawn.
    /// </summary>
    public bool GreedySpans { get; init; }

    /// <summary>Max tokens to generate; by default until the model ends or the context is full.</summary>
    public int MaxTokens { get; init; } = int.MaxValue;

    /// <summary>
    /// Max tokens per pass proposed by prompt look-up decoding (speculative decoding without a draft model), 0 to 64; 0 turns it off. Never
    /// changes the result; faster where decoding is bound by memory and the text repeats itself, as in code edits or summaries.
    /// </summary>
    public int DraftTokens { get; init; }

    /// <summary>Throws <see cref="ArgumentException"/> with one clear sentence when a number is out of range.</summary>
    public SamplingOptions Validate()
    {
        Require(Temperature is >= 0 and <= 100, $"The temperature must be between 0 and 100, not {Temperature}.");
        Require(TopK >= 0, $"Top-k must not be negative, but is {TopK}.");
        Require(TopP is >= 0 and <= 1, $"Top-p must be between 0 and 1, not {TopP}.");
        Require(MinP is >= 0 and <= 1, $"Min-p must be between 0 and 1, not {MinP}.");
        Require(TopNSigma is >= 0 and <= 100, $"Top-n-sigma must be between 0 and 100, not {TopNSigma}.");
        Require(TypicalP is >= 0 and <= 1, $"Typical-p must be between 0 and 1, not {TypicalP}.");
        Require(XtcProbability is >= 0 and <= 1, $"The XTC probability must be between 0 and 1, not {XtcProbability}.");
        Require(XtcThreshold is >= 0 and <= 1, $"The XTC threshold must be between 0 and 1, not {XtcThreshold}.");
        Require(
            SequencePenalty is null or { Multiplier: >= 0 and <= 100 },
            $"The DRY multiplier must be between 0 and 100, not {SequencePenalty?.Multiplier}.");
        Require(
            SequencePenalty is null or { Base: >= 1 and <= 100 },
            $"The DRY base must be between 1 and 100, not {SequencePenalty?.Base}.");
        Require(
            SequencePenalty is null or { AllowedLength: >= 1 and <= 100_000 },
                $"The DRY allowed length must be between 1 and 100,000 tokens, not {SequencePenalty?.AllowedLength}.");
        Require(
            SequencePenalty is null or { Window: >= -1 },
            $"The DRY window must be -1 (all) or a number of tokens, not {SequencePenalty?.Window}.");
        Require(RepetitionPenalty is > 0 and <= 100, $"The repetition penalty must be above 0 and at most 100, not {RepetitionPenalty}.");
        Require(RepetitionWindow >= -1, $"The repetition window must be -1 (all) or a number of tokens, not {RepetitionWindow}.");
        Require(FrequencyPenalty is >= -100 and <= 100, $"The frequency penalty must be between -100 and 100, not {FrequencyPenalty}.");
        Require(PresencePenalty is >= -100 and <= 100, $"The presence penalty must be between -100 and 100, not {PresencePenalty}.");
        Require(LogitBias.All(bias => bias.Key >= 0 && float.IsFinite(bias.Value)),
            "The logit bias must give finite numbers to tokens that are not negative.");
        Require(
            TopLogProbabilities is null or (>= 0 and <= MaxTopLogProbabilities),
                $"The number of top log probabilities must be between 0 and {MaxTopLogProbabilities}, not {TopLogProbabilities}.");
        Require(DraftTokens is >= 0 and <= 64, $"The number of draft tokens must be between 0 and 64, not {DraftTokens}.");
        Require(MaxTokens >= 0, $"The number of tokens to generate must not be negative, but is {MaxTokens}.");
        return this;
    }

    static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
