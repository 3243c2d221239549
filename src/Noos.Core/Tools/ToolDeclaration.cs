using System.Text.Json;
using Noos.Core.Conversations;

namespace Noos.Core.Tools;

/// <summary>A tool as a model is told of it.</summary>
/// <param name="Name">As the model writes it.</param>
/// <param name="Description">When and how to use it.</param>
/// <param name="Parameters">JSON Schema of the arguments, an object.</param>
public sealed record ToolDeclaration(string Name, string Description, JsonElement Parameters)
{
    /// <summary>
    /// The arguments must fit the schema wholly; where that cannot be enforced the tool is refused. Else that part is left free.
    /// </summary>
    public bool IsStrict { get; init; }

    /// <summary>
    /// Who wrote name, description and schema, all of which the model reads: <see cref="Origin.Service"/> for an MCP server that the
    /// administrator does not trust.
    /// </summary>
    public Origin Origin { get; init; } = Origin.Tool;
}
