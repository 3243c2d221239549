using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Noos.Server.Answers;
using Noos.Server.OpenAi;

namespace Noos.Server.Responses;

// The answers of OpenAI's responses API (https://platform.openai.com/docs/api-reference/responses).

/// <summary>A response, whole or as far as it is. What it was asked with is said again.</summary>
sealed record ResponseBody(string Id, long CreatedAt, string Model, string Status, IReadOnlyList<OutputItem> Output)
{
    public string Object => "response";

    public bool Background => false;

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? CompletedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ResponseError? Error { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IncompleteDetails? IncompleteDetails { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Instructions { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? MaxOutputTokens { get; init; }

    public JsonElement Metadata { get; init; }

    public bool ParallelToolCalls { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? PreviousResponseId { get; init; }

    public ReasoningOptions Reasoning { get; init; } = new(null);

    public string ServiceTier => "default";

    public bool Store { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public float? Temperature { get; init; }

    public JsonElement Text { get; init; }

    public JsonElement ToolChoice { get; init; }

    public IReadOnlyList<JsonObject> Tools { get; init; } = [];

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public float? TopP { get; init; }

    public int TopLogprobs { get; init; }

    public string Truncation { get; init; } = "disabled";

    /// <summary>Null until it is known.</summary>
    public ResponseUsage? Usage { get; init; }

    public string? User { get; init; }
}

sealed record ResponseError(string Code, string Message);

sealed record IncompleteDetails(string Reason);

sealed record ReasoningOptions([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Effort)
{
    /// <summary>Thoughts are told as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Summary => null;
}

sealed record FunctionTool(string Name, string Description, JsonElement Parameters, bool Strict)
{
    public string Type => "function";
}

sealed record ResponseUsage(long InputTokens, InputDetails InputTokensDetails, long OutputTokens, OutputDetails OutputTokensDetails)
{
    public long TotalTokens => InputTokens + OutputTokens;

    public static ResponseUsage From(AnswerUsage usage) => new(
        usage.PromptTokens, new InputDetails(usage.CachedTokens), usage.GeneratedTokens, new OutputDetails(usage.ThoughtTokens));
}

/// <param name="CachedTokens">Those of the prompt that cost nothing.</param>
/// <param name="CacheWriteTokens">Always 0: what is read stays without a charge.</param>
sealed record InputDetails(long CachedTokens, long CacheWriteTokens = 0);

sealed record OutputDetails(long ReasoningTokens);

/// <summary>A message, a thought (reasoning), a call for the caller (function_call), or one that was run here (mcp_call).</summary>
sealed record OutputItem(string Type, string Id)
{
    /// <summary>in_progress, completed, incomplete; of a call that was run here also failed.</summary>
    public string? Status { get; init; }

    public string? Role { get; init; }

    public IReadOnlyList<ContentPart>? Content { get; init; }

    /// <summary>Of a thought: there is none beside its text.</summary>
    public IReadOnlyList<string>? Summary { get; init; }

    public string? CallId { get; init; }

    public string? Name { get; init; }

    /// <summary>Text that holds JSON.</summary>
    public string? Arguments { get; init; }

    public string? ServerLabel { get; init; }

    public string? Output { get; init; }

    public string? Error { get; init; }
}

/// <param name="Type">output_text or reasoning_text.</param>
/// <param name="Text">What was said or thought.</param>
sealed record ContentPart(string Type, string Text)
{
    public IReadOnlyList<string>? Annotations { get; init; }

    public IReadOnlyList<TokenLogProbability>? Logprobs { get; init; }
}

/// <summary>An event of a stream; what it has depends on its type.</summary>
sealed record ResponseEvent(string Type)
{
    /// <summary>0, 1, 2, ... as they come.</summary>
    public int SequenceNumber { get; init; }

    public ResponseBody? Response { get; init; }

    public int? OutputIndex { get; init; }

    public string? ItemId { get; init; }

    public OutputItem? Item { get; init; }

    public int? ContentIndex { get; init; }

    public ContentPart? Part { get; init; }

    public string? Delta { get; init; }

    public string? Text { get; init; }

    public string? Name { get; init; }

    public string? Arguments { get; init; }

    public IReadOnlyList<TokenLogProbability>? Logprobs { get; init; }
}

sealed record ResponseDeleted(string Id)
{
    public string Object => "response";

    public bool Deleted => true;
}

sealed record InputItemList(
    IReadOnlyList<JsonObject> Data,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FirstId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? LastId,
    bool HasMore)
{
    public string Object => "list";
}

sealed record InputTokenCount(int InputTokens)
{
    public string Object => "response.input_tokens";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FunctionTool))]
[JsonSerializable(typeof(ResponseBody))]
[JsonSerializable(typeof(ResponseEvent))]
[JsonSerializable(typeof(ResponseDeleted))]
[JsonSerializable(typeof(InputItemList))]
[JsonSerializable(typeof(InputTokenCount))]
sealed partial class ResponseJson : JsonSerializerContext;
