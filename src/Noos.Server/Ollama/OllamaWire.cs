using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Server.OpenAi;

namespace Noos.Server.Ollama;

// The answers of Ollama's API (https://github.com/ollama/ollama/blob/main/docs/api.md). Durations are nanoseconds.

/// <summary>An answer to a chat, or a line of one.</summary>
sealed record ChatLine(string Model, DateTimeOffset CreatedAt, OllamaMessage Message, bool Done)
{
    public IReadOnlyList<TokenLogProbability>? Logprobs { get; init; }

    public string? DoneReason { get; init; }

    public long? TotalDuration { get; init; }

    public long? LoadDuration { get; init; }

    public long? PromptEvalCount { get; init; }

    public long? PromptEvalDuration { get; init; }

    public long? EvalCount { get; init; }

    public long? EvalDuration { get; init; }
}

/// <summary>A text that is continued or answered, or a line of one.</summary>
sealed record GenerateLine(string Model, DateTimeOffset CreatedAt, string Response, bool Done)
{
    public string? Thinking { get; init; }

    public IReadOnlyList<TokenLogProbability>? Logprobs { get; init; }

    public string? DoneReason { get; init; }

    public long? TotalDuration { get; init; }

    public long? LoadDuration { get; init; }

    public long? PromptEvalCount { get; init; }

    public long? PromptEvalDuration { get; init; }

    public long? EvalCount { get; init; }

    public long? EvalDuration { get; init; }
}

sealed record OllamaMessage(string Content)
{
    public string Role => "assistant";

    public string? Thinking { get; init; }

    public IReadOnlyList<OllamaCall>? ToolCalls { get; init; }
}

sealed record OllamaCall(string Id, OllamaFunction Function);

sealed record OllamaFunction(int Index, string Name, JsonElement Arguments);

sealed record OllamaError(string Error);

sealed record OllamaVersion(string Version);

sealed record ModelTags(IReadOnlyList<ModelTag> Models);

/// <param name="Name">What requests call it.</param>
/// <param name="Model">The same.</param>
/// <param name="ModifiedAt">When its file was written.</param>
/// <param name="Size">Bytes of its file.</param>
/// <param name="Digest">Tells one state of the file from another.</param>
/// <param name="Details">What it is.</param>
sealed record ModelTag(string Name, string Model, DateTimeOffset ModifiedAt, long Size, string Digest, TagDetails Details)
{
    /// <summary>Of a model in memory: it stays until room is needed.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Of a model in memory: nothing of it is on a graphics card.</summary>
    public long? SizeVram { get; init; }

    public int? ContextLength { get; init; }
}

sealed record TagDetails(
    string ParentModel, string Format, string Family, IReadOnlyList<string> Families, string ParameterSize, string QuantizationLevel);

sealed record ShownModel(
    string License, string Modelfile, string Parameters, string Template, TagDetails Details,
    IReadOnlyDictionary<string, JsonElement> ModelInfo, IReadOnlyList<string> Capabilities, DateTimeOffset ModifiedAt);

sealed record EmbedBody(
    string Model, IReadOnlyList<ReadOnlyMemory<float>> Embeddings, long TotalDuration, long LoadDuration, long PromptEvalCount);

/// <summary>The answer of the older address.</summary>
sealed record EmbeddingBody(ReadOnlyMemory<float> Embedding);

/// <param name="Status">What goes on, in words.</param>
/// <param name="Digest">Which file.</param>
/// <param name="Total">Bytes of all.</param>
/// <param name="Completed">Bytes that are here.</param>
sealed record PullLine(string Status, string? Digest = null, long? Total = null, long? Completed = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ChatLine))]
[JsonSerializable(typeof(GenerateLine))]
[JsonSerializable(typeof(OllamaError))]
[JsonSerializable(typeof(OllamaVersion))]
[JsonSerializable(typeof(ModelTags))]
[JsonSerializable(typeof(ShownModel))]
[JsonSerializable(typeof(EmbedBody))]
[JsonSerializable(typeof(EmbeddingBody))]
[JsonSerializable(typeof(PullLine))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(string))]
sealed partial class OllamaJson : JsonSerializerContext;
