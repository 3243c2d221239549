using System.Text.Json.Serialization;

namespace Noos.Cli.Mcp;

/// <param name="Name">Of the server.</param>
/// <param name="Endpoint">Its command line or address.</param>
/// <param name="State">approved, unapproved or disabled.</param>
/// <param name="Tools">Names of the tools that models are offered.</param>
sealed record McpServerStatus(string Name, string Endpoint, string State, IReadOnlyList<string> Tools);

/// <param name="Name">Of the tool.</param>
/// <param name="State">approved, new, changed or gone.</param>
/// <param name="Description">What the server says now; of one that is gone, what it said.</param>
/// <param name="Approved">What it said when it was approved, where that was something else.</param>
sealed record McpToolStatus(string Name, string State, string Description, string? Approved);

sealed record McpServerStatusList(IReadOnlyList<McpServerStatus> Data);

sealed record McpToolStatusList(IReadOnlyList<McpToolStatus> Data);

/// <summary>What 'noos mcp' prints as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(McpServerStatusList))]
[JsonSerializable(typeof(McpToolStatusList))]
sealed partial class McpWireJson : JsonSerializerContext;
