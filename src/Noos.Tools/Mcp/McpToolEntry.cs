using System.Text.Json;
using System.Text.Json.Serialization;
using ModelContextProtocol.Protocol;

namespace Noos.Tools.Mcp;

/// <summary>A tool of an MCP server as it was approved: all that a model reads of it.</summary>
/// <param name="Name">As the server calls it.</param>
/// <param name="Description">As the server describes it.</param>
/// <param name="InputSchema">JSON Schema of its arguments.</param>
public sealed record McpToolEntry(
    [property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("description")] string Description,
    [property: JsonPropertyName("inputSchema")] JsonElement InputSchema)
{
    public static McpToolEntry From(Tool tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        return new McpToolEntry(tool.Name, tool.Description ?? "", tool.InputSchema.Clone());
    }

    public bool Equals(McpToolEntry? other) => other is not null && Name == other.Name && Description == other.Description
        && JsonElement.DeepEquals(InputSchema, other.InputSchema);

    public override int GetHashCode() => HashCode.Combine(Name, Description);
}

/// <summary>What an administrator has approved of a server.</summary>
/// <param name="Endpoint">What was connected to: another command or address needs an approval of its own.</param>
/// <param name="Tools">All its tools then.</param>
public sealed record McpApproval(
    [property: JsonPropertyName("endpoint")] string Endpoint, [property: JsonPropertyName("tools")] IReadOnlyList<McpToolEntry> Tools);
