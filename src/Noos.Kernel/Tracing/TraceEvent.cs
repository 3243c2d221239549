using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;

namespace Noos.Kernel.Tracing;

/// <summary>
/// One thing that happened while an answer was made, in order. The terminal, <c>ask --json</c> and the page are readers of these.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(RunStartedEvent), "run_started")]
[JsonDerivedType(typeof(TextEvent), "text")]
[JsonDerivedType(typeof(ThoughtEvent), "thought")]
[JsonDerivedType(typeof(ScoresEvent), "scores")]
[JsonDerivedType(typeof(ToolCallEvent), "tool_call")]
[JsonDerivedType(typeof(ToolOutputEvent), "tool_output")]
[JsonDerivedType(typeof(ToolResultEvent), "tool_result")]
[JsonDerivedType(typeof(ModelRunEvent), "model_run")]
[JsonDerivedType(typeof(FailoverEvent), "failover")]
public abstract record TraceEvent
{
    /// <summary>
    /// Its number in the answer: 1, 2, 3, ... without gaps as they come. A <see cref="Trace"/> that joins pieces keeps the first's.
    /// </summary>
    public long Sequence { get; init; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Milliseconds since the question was asked, or the answer was resumed.</summary>
    public double AtMs { get; init; }

    /// <summary>The tokens that led to it (<see cref="CpuEvent.TokenIds"/>); of a run, all of them. Null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(TokenIdsConverter))]
    public IReadOnlyList<int>? TokenIds { get; init; }
}

/// <summary>
/// The first run of the model can be answered and begins. Only a sign of life: no part of a <see cref="Trace"/>, and without a number.
/// </summary>
public sealed record RunStartedEvent : TraceEvent;

/// <summary>Another model answers than was to, which could not.</summary>
/// <param name="From">The model that could not.</param>
/// <param name="To">The one that is asked now.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record FailoverEvent(string From, string To, string Reason) : TraceEvent;

/// <summary>The model said something; pieces of one text follow each other.</summary>
public sealed record TextEvent(string Text) : TraceEvent;

/// <summary>The model thought something before its answer; pieces of one thought follow each other.</summary>
public sealed record ThoughtEvent(string Text) : TraceEvent;

/// <summary>How likely the tokens of the text before it were.</summary>
public sealed record ScoresEvent([property: JsonIgnore] IReadOnlyList<ScoredToken> Tokens) : TraceEvent;

/// <summary>The model asks for a tool.</summary>
public sealed record ToolCallEvent(string CallId, string Name, JsonElement Arguments) : TraceEvent;

/// <summary>
/// A tool has something to say while it works, such as what code prints. For whoever watches: no part of a <see cref="Trace"/>, without a
/// number, and again in the result as far as that matters.
/// </summary>
public sealed record ToolOutputEvent(string CallId, string Name, string Output) : TraceEvent;

/// <summary>The tool answered, or refused: then <paramref name="IsError"/> is set and the content says why.</summary>
public sealed record ToolResultEvent(string CallId, string Name, string Content, bool IsError, double ElapsedMs) : TraceEvent
{
    /// <summary>What it answered, where that is more than the one text of <see cref="Content"/>.</summary>
    [JsonIgnore]
    public IReadOnlyList<Part>? Parts { get; init; }

    /// <summary><see cref="Parts"/> as JSON.</summary>
    [JsonPropertyName("parts")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? PartsJson => Parts is null ? null : ConversationJson.ToJson(Parts);

    /// <summary>Where the content comes from, where the tool only handed it on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Origin? Origin { get; init; }

    /// <summary>The addresses that the content offers.</summary>
    [JsonIgnore]
    public LinkList? Links { get; init; }

    public static ToolResultEvent From(ToolOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var part = outcome.Result.ToPart(outcome.Call);
        return new ToolResultEvent(part.CallId ?? "", part.Name, part.Text, part.IsError, Math.Round(outcome.Elapsed.TotalMilliseconds, 2))
        {
            Parts = part.Parts is [TextPart { Origin: null, Citation: null }] ? null : part.Parts,
            Origin = part.Origin,
            Links = part.Links,
        };
    }

    /// <summary>The result as a part of the conversation.</summary>
    public ToolResultPart ToPart() => new(Name, Parts ?? [new TextPart(Content)], IsError, CallId) { Origin = Origin, Links = Links };
}

/// <summary>
/// One run of the model ended. <paramref name="CachedTokens"/> of the prompt were still in its context and cost nothing.
/// <paramref name="FinishReason"/> is OpenAI's: stop, length, tool_calls.
/// </summary>
public sealed record ModelRunEvent(long PromptTokens, long CachedTokens, long GeneratedTokens, string FinishReason) : TraceEvent
{
    /// <summary>
    /// What the draws began with, whoever chose it, as a signed number, which is how it is given; null where nobody knows.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Seed { get; init; }

    /// <summary>So many of the oldest messages did not fit the context and were left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int OmittedMessages { get; init; }

    /// <summary>So many tokens of the conversation were not shown to the model, those of omitted messages among them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long PagedOutTokens { get; init; }

    /// <summary>What stopped it, beyond the finish reason: <see cref="StopReasons"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StopReason { get; init; }

    /// <summary>The stop sequence that ended it; null where none did, or nobody knows.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StopSequence { get; init; }

    public static ModelRunEvent From(RunFinished run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new ModelRunEvent(run.Usage.PromptTokens, run.Usage.CachedTokens, run.Usage.GeneratedTokens, run.FinishReason)
        {
            Seed = run.Seed is { } seed ? unchecked((long)seed) : null,
            OmittedMessages = run.OmittedMessages,
            PagedOutTokens = run.PagedOutTokens,
            StopReason = run.StopReason,
            StopSequence = run.StopSequence,
            TokenIds = run.TokenIds.Count > 0 ? run.TokenIds : null,
        };
    }
}

/// <summary>Token ids on one line, also where other JSON is indented.</summary>
public sealed class TokenIdsConverter : JsonConverter<IReadOnlyList<int>>
{
    public override IReadOnlyList<int>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var list = JsonDocument.ParseValue(ref reader);
        return [.. list.RootElement.EnumerateArray().Select(id => id.GetInt32())];
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<int> value, JsonSerializerOptions options) =>
        writer.WriteRawValue($"[{string.Join(',', value)}]");
}
