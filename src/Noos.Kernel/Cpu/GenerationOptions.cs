using System.Text.Json;
using System.Text.Json.Serialization;

namespace Noos.Kernel.Cpu;

/// <summary>
/// How a message is generated; null leaves a thing to the CPU: what its user chose, else what the model's makers advise. A model elsewhere
/// refuses what its endpoint has no name for. As JSON the names are those of the API.
/// </summary>
public sealed record GenerationOptions
{
    /// <summary>Leaves everything to the CPU.</summary>
    public static GenerationOptions Default { get; } = new();

    /// <summary>Divides the logits before the draw; 0 is greedy.</summary>
    public float? Temperature { get; init; }

    /// <summary>
    /// The first five tokens, tool calls, quoted spans, numbers and the rest of a word that was begun are greedy whatever the temperature.
    /// Null: yes where the temperature is the one that the model's makers advise, no where it was asked for.
    /// </summary>
    public bool? GreedySpans { get; init; }

    /// <summary>
    /// An answer that begins to repeat itself is cut back and ends there (the finish reason is stop, the stop reason loop). Null: yes.
    /// </summary>
    public bool? LoopGuard { get; init; }

    /// <summary>Only this many of the most likely tokens stay; 0 keeps all.</summary>
    public int? TopK { get; init; }

    /// <summary>The fewest most likely tokens whose probabilities reach this sum stay; 1 keeps all.</summary>
    public float? TopP { get; init; }

    /// <summary>Tokens at least this likely, relative to the most likely one, stay; 0 keeps all.</summary>
    public float? MinP { get; init; }

    /// <summary>Tokens whose logits are at most so many standard deviations below the largest stay; 0 keeps all.</summary>
    public float? TopNSigma { get; init; }

    /// <summary>Locally typical sampling: tokens of ordinary surprise that reach this probability stay; 1 keeps all.</summary>
    public float? TypicalP { get; init; }

    /// <summary>How often all likely tokens but the least likely of them are taken away (XTC); 0 for never.</summary>
    public float? XtcProbability { get; init; }

    /// <summary>From which probability on a token is likely, for XTC.</summary>
    public float? XtcThreshold { get; init; }

    /// <summary>Above 0, what would repeat a sequence of tokens gets less likely (DRY).</summary>
    public float? DryMultiplier { get; init; }

    /// <summary>For each token by which the repeated sequence is longer, the DRY penalty is so many times as large.</summary>
    public float? DryBase { get; init; }

    /// <summary>Shorter sequences may be repeated, for DRY.</summary>
    public int? DryAllowedLength { get; init; }

    /// <summary>How many of the last tokens DRY looks at; -1 for all.</summary>
    [JsonPropertyName("dry_penalty_last_n")]
    public int? DryWindow { get; init; }

    /// <summary>A sequence ends at a token that contains one of these texts, for DRY.</summary>
    [JsonPropertyName("dry_sequence_breakers")]
    public IReadOnlyList<string>? DryBreakers { get; init; }

    /// <summary>Above 1, what was just written, or stands at the end of the prompt, is less likely to come again.</summary>
    [JsonPropertyName("repeat_penalty")]
    public float? RepetitionPenalty { get; init; }

    /// <summary>How many of the last tokens count for the repetition penalty; -1 for all.</summary>
    [JsonPropertyName("repeat_last_n")]
    public int? RepetitionWindow { get; init; }

    /// <summary>Subtracted from a token's logit as many times as it was generated.</summary>
    public float? FrequencyPenalty { get; init; }

    /// <summary>Subtracted from the logit of every token that was generated before.</summary>
    public float? PresencePenalty { get; init; }

    /// <summary>Added to the logits of tokens by their ids.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }

    /// <summary>The same seed gives the same tokens; null draws a new one, which <see cref="RunFinished"/> tells.</summary>
    [JsonConverter(typeof(SeedConverter))]
    public ulong? Seed { get; init; }

    /// <summary>Generate at most so many tokens.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>The text ends before the first of these.</summary>
    [JsonPropertyName("stop")]
    public IReadOnlyList<string>? StopSequences { get; init; }

    /// <summary>What the text must look like; null for anything. A format leaves no room for tool calls.</summary>
    public ResponseFormat? ResponseFormat { get; init; }

    /// <summary>
    /// Prompt look-up decoding: where the text repeats itself, guess so many tokens and check them in one pass; 0 for
    /// none. Changes no token.
    /// </summary>
    public int? DraftTokens { get; init; }

    /// <summary>Tell how likely each token was, together with so many of the most likely in its place; null for no such thing.</summary>
    [JsonPropertyName("top_logprobs")]
    public int? TopLogProbabilities { get; init; }

    /// <summary>The scales of the loaded adapters by their numbers; those not named do not act. Null for the usual scales.</summary>
    [JsonPropertyName("lora")]
    public IReadOnlyDictionary<int, float>? AdapterScales { get; init; }

    /// <summary>
    /// How much a model that thinks is to think: none, minimal, low, medium, high, as its chat template understands it.
    /// </summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>
    /// Variables of the chat template, such as <c>enable_thinking</c> or <c>documents</c>; one that it does not read is refused.
    /// </summary>
    [JsonPropertyName("chat_template_kwargs")]
    public IReadOnlyDictionary<string, JsonElement>? TemplateVariables { get; init; }

    /// <summary>These options, and those of <paramref name="fallback"/> where these leave a thing open.</summary>
    public GenerationOptions OrElse(GenerationOptions fallback)
    {
        ArgumentNullException.ThrowIfNull(fallback);
        return ReferenceEquals(fallback, Default) ? this : new()
        {
            Temperature = Temperature ?? fallback.Temperature,
            GreedySpans = GreedySpans ?? fallback.GreedySpans,
            LoopGuard = LoopGuard ?? fallback.LoopGuard,
            TopK = TopK ?? fallback.TopK,
            TopP = TopP ?? fallback.TopP,
            MinP = MinP ?? fallback.MinP,
            TopNSigma = TopNSigma ?? fallback.TopNSigma,
            TypicalP = TypicalP ?? fallback.TypicalP,
            XtcProbability = XtcProbability ?? fallback.XtcProbability,
            XtcThreshold = XtcThreshold ?? fallback.XtcThreshold,
            DryMultiplier = DryMultiplier ?? fallback.DryMultiplier,
            DryBase = DryBase ?? fallback.DryBase,
            DryAllowedLength = DryAllowedLength ?? fallback.DryAllowedLength,
            DryWindow = DryWindow ?? fallback.DryWindow,
            DryBreakers = DryBreakers ?? fallback.DryBreakers,
            RepetitionPenalty = RepetitionPenalty ?? fallback.RepetitionPenalty,
            RepetitionWindow = RepetitionWindow ?? fallback.RepetitionWindow,
            FrequencyPenalty = FrequencyPenalty ?? fallback.FrequencyPenalty,
            PresencePenalty = PresencePenalty ?? fallback.PresencePenalty,
            LogitBias = LogitBias ?? fallback.LogitBias,
            Seed = Seed ?? fallback.Seed,
            MaxTokens = MaxTokens ?? fallback.MaxTokens,
            StopSequences = StopSequences ?? fallback.StopSequences,
            ResponseFormat = ResponseFormat ?? fallback.ResponseFormat,
            DraftTokens = DraftTokens ?? fallback.DraftTokens,
            TopLogProbabilities = TopLogProbabilities ?? fallback.TopLogProbabilities,
            AdapterScales = AdapterScales ?? fallback.AdapterScales,
            ReasoningEffort = ReasoningEffort ?? fallback.ReasoningEffort,
            TemplateVariables = TemplateVariables ?? fallback.TemplateVariables,
        };
    }
}
