using System.Text.Json;
using Microsoft.Extensions.AI;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;

namespace Noos.Cpus.ChatClients;

/// <summary>Our turns and options, and those of Microsoft.Extensions.AI, both ways.</summary>
static class GenerationOptionsMapping
{
    /// <summary>What chat options ask for; the options that <see cref="ChatOptions.RawRepresentationFactory"/> makes come first.</summary>
    public static GenerationOptions ToGenerationOptions(this ChatOptions options, IChatClient client)
    {
        var own = options.RawRepresentationFactory?.Invoke(client) as GenerationOptions ?? GenerationOptions.Default;
        return own.OrElse(new GenerationOptions
        {
            Temperature = options.Temperature,
            TopK = options.TopK,
            TopP = options.TopP,
            FrequencyPenalty = options.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty,
            Seed = options.Seed is { } seed ? unchecked((ulong)seed) : null,
            MaxTokens = options.MaxOutputTokens,
            StopSequences = options.StopSequences is { Count: > 0 } stops ? [.. stops] : null,
            ResponseFormat = options.ResponseFormat is ChatResponseFormatJson json
                ? json.Schema is { } schema ? ResponseFormat.JsonSchema(schema, json.SchemaName) : ResponseFormat.JsonObject
                : null,
        });
    }

    public static IReadOnlyList<ToolDeclaration> ToDeclarations(this ChatOptions options) =>
        [.. (options.Tools ?? [])
            .OfType<AIFunctionDeclaration>()
            .Select(tool => new ToolDeclaration(tool.Name, tool.Description, tool.JsonSchema))];

    public static ToolChoice ToToolChoice(this ChatOptions options) => options.ToolMode switch
    {
        NoneChatToolMode => ToolChoice.None,
        RequiredChatToolMode required => new ToolChoice(ToolChoiceMode.Required, required.RequiredFunctionName),
        _ => ToolChoice.Auto,
    };

    /// <summary>What <see cref="ChatOptions"/> has a name for; the rest is left out.</summary>
    public static ChatOptions ToChatOptions(this Turn turn, GenerationOptions options) => new()
    {
        Temperature = options.Temperature,
        TopK = options.TopK,
        TopP = options.TopP,
        FrequencyPenalty = options.FrequencyPenalty,
        PresencePenalty = options.PresencePenalty,
        Seed = options.Seed is { } seed ? unchecked((long)seed) : null,
        MaxOutputTokens = options.MaxTokens,
        StopSequences = options.StopSequences is { } stops ? [.. stops] : null,
        ResponseFormat = options.ResponseFormat is { } format ? ToChatResponseFormat(format) : null,
        Tools = turn.Tools.Count == 0
            ? null
            : [.. turn.Tools.Select(tool => AIFunctionFactory.CreateDeclaration(tool.Name, tool.Description, tool.Parameters))],
        AllowMultipleToolCalls = turn.Tools.Count == 0 || turn.HasParallelCalls ? null : false,
        ToolMode = turn.Tools.Count == 0 ? null : turn.ToolChoice switch
        {
            { Mode: ToolChoiceMode.None } => ChatToolMode.None,
            { Mode: ToolChoiceMode.Required, Name: { } name } => ChatToolMode.RequireSpecific(name),
            { Mode: ToolChoiceMode.Required } => ChatToolMode.RequireAny,
            _ => ChatToolMode.Auto,
        },
    };

    static ChatResponseFormatJson ToChatResponseFormat(ResponseFormat format) =>
        format.Schema is JsonElement schema ? ChatResponseFormat.ForJsonSchema(schema, format.SchemaName) : ChatResponseFormat.Json;
}
