using System.Text.Json.Serialization;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Tracing;
using Noos.Server.Answers;
using Noos.Server.Captures;
using Noos.Tools.Code.Sandboxing;

namespace Noos.Server.OpenAi;

// The answers of the OpenAI chat API (https://platform.openai.com/docs/api-reference/chat), and one addition: "noos", the events of the
// trace, in which the calls that the server's own tools ran are visible.

sealed record CompletionBody(
    string Id, long Created, string Model, IReadOnlyList<Choice> Choices, Usage Usage, IReadOnlyList<TraceEvent>? Noos)
{
    public string Object => "chat.completion";
}

/// <param name="StopReason">What stopped it, beyond the finish reason, as vLLM's field of this name.</param>
/// <param name="Noos">What happened in this answer, where there are several.</param>
sealed record Choice(
    int Index, AssistantMessage Message, string FinishReason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] LogProbabilities? Logprobs = null, string? StopReason = null,
    IReadOnlyList<TraceEvent>? Noos = null);

sealed record AssistantMessage(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Content, IReadOnlyList<ToolCall>? ToolCalls,
    string? ReasoningContent = null, IReadOnlyList<Annotation>? Annotations = null)
{
    public string Role => "assistant";

    /// <summary>A model here refuses in its text, so there is never one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Refusal => null;
}

/// <summary>A passage that the content cites, in the shape of OpenAI's web search.</summary>
sealed record Annotation(UrlCitation UrlCitation)
{
    public string Type => "url_citation";

    /// <summary>Those of a text; null for none.</summary>
    public static IReadOnlyList<Annotation>? Find(string text, IEnumerable<Part> read) =>
        CitedPassage.Find(text, read) is { Count: > 0 } cited ? [.. cited.Select(From)] : null;

    static Annotation From(CitedPassage cited) => new(new UrlCitation(
        cited.Start, cited.End, cited.Source.Address, cited.Source.Title, cited.Source.Number, cited.Text, cited.Source.Source,
        cited.Source.Passage, cited.Source.Date, cited.Source.Licence, CaptureLink.For(cited.Source)));
}

/// <param name="StartIndex">Where the mark begins in the content, in UTF-16 code units.</param>
/// <param name="EndIndex">Where it ends.</param>
/// <param name="Url">Of the document: an address, a path, or a name of the index.</param>
/// <param name="Title">What the source calls it.</param>
/// <param name="Number">The n of the mark; from here on an addition of ours.</param>
/// <param name="Text">The passage, as the model has read it.</param>
/// <param name="ArchiveUrl">The page as it was fetched, relative to this server; null where it is not kept.</param>
sealed record UrlCitation(
    int StartIndex, int EndIndex, string Url, string Title, int Number, string Text, string? Source, int? Passage, DateTimeOffset? Date,
    string? Licence, string? ArchiveUrl);

sealed record CompletionChunk(
    string Id, long Created, string Model, IReadOnlyList<ChunkChoice> Choices, Usage? Usage = null, IReadOnlyList<TraceEvent>? Noos = null)
{
    public string Object => "chat.completion.chunk";
}

sealed record ChunkChoice(int Index, Delta Delta, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason = null,
    LogProbabilities? Logprobs = null, string? StopReason = null);

sealed record Delta(
    string? Role = null, string? Content = null, IReadOnlyList<ToolCall>? ToolCalls = null, string? ReasoningContent = null,
    IReadOnlyList<Annotation>? Annotations = null);

sealed record LogProbabilities(IReadOnlyList<TokenLogProbability> Content)
{
    /// <summary>Those of a refusal, which is never there.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<TokenLogProbability>? Refusal => null;

    public static LogProbabilities? From(IReadOnlyList<ScoredToken>? tokens) =>
        tokens is { Count: > 0 }
            ? new LogProbabilities(
                [.. tokens.Select(token =>
                    TokenLogProbability.From(token, [.. token.Top.Select(other => TokenLogProbability.From(other, null))]))])
            : null;
}

/// <param name="Token">As text; U+FFFD stands for parts of characters.</param>
/// <param name="Logprob">Natural logarithm.</param>
/// <param name="Bytes">The token exactly.</param>
/// <param name="TopLogprobs">The most likely tokens in its place.</param>
sealed record TokenLogProbability(string Token, float Logprob, IReadOnlyList<int> Bytes, IReadOnlyList<TokenLogProbability>? TopLogprobs)
{
    // OpenAI's number for what is as good as impossible; JSON has no infinity.
    const float Impossible = -9999;

    public static TokenLogProbability From(ScoredToken token, IReadOnlyList<TokenLogProbability>? top) =>
        new(token.Text, MathF.Max(token.LogProbability, Impossible), [.. token.Bytes.Select(value => (int)value)], top);
}

/// <summary>An adapter as llama.cpp's server lists it.</summary>
sealed record AdapterEntry(int Id, string Path, float Scale);

/// <param name="Index">Position among the calls of the message; only chunks carry it.</param>
sealed record ToolCall(int? Index, string Id, FunctionCall Function)
{
    public string Type => "function";
}

sealed record FunctionCall(string Name, string Arguments);

sealed record Usage(
    long PromptTokens, long CompletionTokens, PromptDetails PromptTokensDetails, CompletionDetails CompletionTokensDetails)
{
    public long TotalTokens => PromptTokens + CompletionTokens;

    /// <summary>What all runs of the answers cost together.</summary>
    public static Usage From(AnswerUsage usage) => new(
        usage.PromptTokens, usage.GeneratedTokens, new PromptDetails(usage.CachedTokens), new CompletionDetails(usage.ThoughtTokens));
}

sealed record PromptDetails(long CachedTokens);

/// <param name="ReasoningTokens">Those of thoughts; 0 where the model runs elsewhere.</param>
sealed record CompletionDetails(long ReasoningTokens);

sealed record ModelList(IReadOnlyList<ModelEntry> Data)
{
    public string Object => "list";
}

/// <param name="Id">What requests call it.</param>
/// <param name="Created">When it was loaded.</param>
/// <param name="Name">What its makers called it, where that is another name.</param>
/// <param name="ContextLength">Prompt and answer together may have so many tokens, where that is known.</param>
sealed record ModelEntry(string Id, long Created, string? Name = null, int? ContextLength = null)
{
    public string Object => "model";

    public string OwnedBy => "noos";

    /// <summary>It is in memory; else it is opened when a request asks for it.</summary>
    [JsonPropertyName("loaded")]
    public bool IsLoaded { get; init; }

    /// <summary>True of a base model, which continues texts and knows no conversations; else not there.</summary>
    [JsonPropertyName("base")]
    public bool? IsBase { get; init; }

    /// <summary>True of an encoder, which makes vectors and answers nobody; else not there.</summary>
    [JsonPropertyName("encoder")]
    public bool? IsEncoder { get; init; }

    /// <summary>Bytes of its file, where that is known.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Of an adapter the model beside which it acts, as in vLLM; else not there.</summary>
    public string? Parent { get; init; }
}

/// <param name="Status">Always "ok": who answers is well.</param>
/// <param name="Model">The model's name; not told to who is not known.</param>
/// <param name="Cache">What is kept of what was read; not there for a model elsewhere.</param>
/// <param name="Instance">Tells one start of a server from another; not there where it has no home.</param>
/// <param name="Sandbox">What confines code of models; not there while no tool runs code, or before the first look at the machine.</param>
sealed record Health(string Status, string? Model, CpuCache? Cache, string? Instance, SandboxHealth? Sandbox = null);

/// <param name="Level">How programs are confined.</param>
/// <param name="Sentence">The same for a person.</param>
sealed record SandboxHealth(SandboxLevel Level, string Sentence);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CompletionBody))]
[JsonSerializable(typeof(CompletionChunk))]
[JsonSerializable(typeof(ApiErrorBody))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(AdapterEntry[]))]
sealed partial class WireJson : JsonSerializerContext;
