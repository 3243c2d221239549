using System.Text.Json;

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
}
