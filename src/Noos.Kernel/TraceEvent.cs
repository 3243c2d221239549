using System.Text.Json;
using System.Text.Json.Serialization;

namespace Noos.Kernel;

/// <summary>
/// One thing that happened while an answer was made, in order. The terminal, <c>ask --json</c> and the page are readers of these.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(TextEvent), "text")]
[JsonDerivedType(typeof(ThoughtEvent), "thought")]
[JsonDerivedType(typeof(ScoresEvent), "scores")]
[JsonDerivedType(typeof(ToolCallEvent), "tool_call")]
[JsonDerivedType(typeof(ToolResultEvent), "tool_result")]
[JsonDerivedType(typeof(ModelRunEvent), "model_run")]
public abstract record TraceEvent
{
    /// <summary>Milliseconds since the question was asked.</summary>
    public double AtMs { get; init; }
}

/// <summary>The model said something; pieces of one text follow each other.</summary>
public sealed record TextEvent(string Text) : TraceEvent;

/// <summary>The model thought something before its answer; pieces of one thought follow each other.</summary>
public sealed record ThoughtEvent(string Text) : TraceEvent;

/// <summary>How likely the tokens of the text before it were.</summary>
public sealed record ScoresEvent([property: JsonIgnore] IReadOnlyList<ScoredToken> Tokens) : TraceEvent;

/// <summary>The model asks for a tool.</summary>
public sealed record ToolCallEvent(string CallId, string Name, JsonElement Arguments) : TraceEvent;

/// <summary>The tool answered, or refused: then the content begins with "Error: ".</summary>
public sealed record ToolResultEvent(string CallId, string Name, string Content, bool IsError, double ElapsedMs) : TraceEvent;

/// <summary>
/// One run of the model ended. <paramref name="CachedTokens"/> of the prompt were still in its context and cost nothing.
/// <paramref name="FinishReason"/> is OpenAI's: stop, length, tool_calls.
/// </summary>
public sealed record ModelRunEvent(long PromptTokens, long CachedTokens, long GeneratedTokens, string FinishReason) : TraceEvent;
