using System.Text.Json.Serialization;

namespace Noos.Tools.Mcp;

/// <summary>The files of the MCP servers.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowTrailingCommas = true,
    ReadCommentHandling = System.Text.Json.JsonCommentHandling.Skip)]
[JsonSerializable(typeof(McpServerEntry))]
[JsonSerializable(typeof(Dictionary<string, McpApproval>))]
sealed partial class McpJson : JsonSerializerContext;
