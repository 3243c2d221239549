using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Noos.Server.Answers;
using Noos.Server.OpenAi;

namespace Noos.Server.Anthropic;

// The answers of Anthropic's messages API (https://docs.anthropic.com/en/api/messages).

/// <summary>A message, whole or as it begins.</summary>
sealed record MessageBody(
    string Id, string Model, IReadOnlyList<ContentBlock> Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? StopReason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? StopSequence,
    MessageUsage Usage)
{
    public string Type => "message";

    public string Role => "assistant";
}

/// <param name="Type">text, thinking or tool_use.</param>
sealed record ContentBlock(string Type)
{
    public string? Text { get; init; }

    public string? Thinking { get; init; }

    /// <summary>Of a thought; nobody signs here, so it is empty.</summary>
    public string? Signature { get; init; }

    public string? Id { get; init; }

    public string? Name { get; init; }

    public JsonElement? Input { get; init; }

    /// <summary>Of a call: the model itself.</summary>
    public BlockCaller? Caller { get; init; }
}

sealed record BlockCaller(string Type);

/// <param name="InputTokens">Those of the prompt that were read now.</param>
/// <param name="OutputTokens">Those that were generated.</param>
/// <param name="CacheReadInputTokens">Those of the prompt that cost nothing.</param>
/// <param name="CacheCreationInputTokens">Always 0: what is read stays without a charge.</param>
sealed record MessageUsage(long InputTokens, long OutputTokens, long CacheReadInputTokens = 0, long CacheCreationInputTokens = 0)
{
    public static MessageUsage From(AnswerUsage usage) =>
        new(usage.PromptTokens - usage.CachedTokens, usage.GeneratedTokens, usage.CachedTokens);
}

/// <summary>An event of a stream; what it has depends on its type.</summary>
sealed record MessageEvent(string Type)
{
    public MessageBody? Message { get; init; }

    public int? Index { get; init; }

    public ContentBlock? ContentBlock { get; init; }

    public EventDelta? Delta { get; init; }

    public MessageUsage? Usage { get; init; }
}

/// <summary>What is new in a block, or in the message.</summary>
sealed record EventDelta
{
    public string? Type { get; init; }

    public string? Text { get; init; }

    public string? Thinking { get; init; }

    public string? PartialJson { get; init; }

    public string? Signature { get; init; }

    public string? StopReason { get; init; }

    public string? StopSequence { get; init; }
}

sealed record TokenCount(int InputTokens);

sealed record AnthropicError(AnthropicErrorDetail Error)
{
    public string Type => "error";

    public static AnthropicError From(ApiException error) => new(new AnthropicErrorDetail(TypeFor(error.Status), error.Message));

    // https://docs.anthropic.com/en/api/errors
    static string TypeFor(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status404NotFound => "not_found_error",
        StatusCodes.Status413PayloadTooLarge => "request_too_large",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        StatusCodes.Status503ServiceUnavailable => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };
}

sealed record AnthropicErrorDetail(string Type, string Message);

sealed record AnthropicModelList(
    IReadOnlyList<AnthropicModel> Data,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FirstId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? LastId)
{
    public bool HasMore => false;
}

sealed record AnthropicModel(string Id, string DisplayName, DateTimeOffset CreatedAt, int? MaxInputTokens)
{
    public string Type => "model";

    /// <summary>Models here do not retire.</summary>
    public string Lifecycle => "active";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MessageBody))]
[JsonSerializable(typeof(MessageEvent))]
[JsonSerializable(typeof(TokenCount))]
[JsonSerializable(typeof(AnthropicError))]
[JsonSerializable(typeof(AnthropicModelList))]
sealed partial class AnthropicJson : JsonSerializerContext;
