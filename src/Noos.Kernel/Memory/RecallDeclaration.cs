using System.Text.Json;
using Noos.Core.Tools;

namespace Noos.Kernel.Memory;

/// <summary>The tool of the kernel with which a model finds what was paged out, as it is told of it.</summary>
public static class RecallDeclaration
{
    public const string Name = "recall";

    /// <summary>The name of the argument with what is looked for.</summary>
    public const string Query = "query";

    /// <summary>The name of the argument with the number of a page.</summary>
    public const string Page = "page";

    /// <summary>As the model reads it.</summary>
    public static ToolDeclaration Declaration { get; } = new(
        Name,
        "Older parts of this conversation are no longer shown. Finds passages of them by words, such as \"color of the car\"; with the "
        + "number of a page, in that page alone.",
        JsonElement.Parse(
            """
            {
              "type": "object",
              "properties": {
                "query": {"type": "string", "description": "Words that the passage contains."},
                "page": {"type": "integer", "description": "Only in this page."}
              },
              "required": ["query"],
              "additionalProperties": false
            }
            """));
}
