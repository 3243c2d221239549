using System.Text.Json;

namespace Noos.Language.Templates;

/// <summary>The variables of a chat template besides the conversation and the tools; their names are those of transformers.</summary>
public sealed record TemplateOptions
{
    /// <summary>Opens the turn of the assistant at the end.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>The text of the token that begins a document; empty where the model has none.</summary>
    public string BosToken { get; init; } = "";

    /// <summary>The text of the token that ends a document.</summary>
    public string EosToken { get; init; } = "";

    /// <summary>The time that templates which name the date shall name; null means now.</summary>
    public DateTimeOffset? Now { get; init; }

    /// <summary>Further variables, such as <c>enable_thinking</c>. Their texts count as data.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>();
}
