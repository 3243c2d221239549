using System.Globalization;
using System.Text.Json;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;

namespace Noos.Server.OpenAi;

/// <summary>
/// Reads the tools that a request declares. The APIs wrap a declaration differently and call its schema by different names; what a name, a
/// description and a schema may be is the same in all of them.
/// </summary>
static class ToolReader
{
    const int MaxTools = 128;
    const int MaxNameLength = 128;

    /// <summary>The entries of "tools"; null where the request has no such field.</summary>
    /// <exception cref="ApiException">It is no list of objects, or too long.</exception>
    public static IReadOnlyList<(RequestFields Fields, JsonElement Whole)>? FindAll(RequestFields root)
    {
        if (root.Find("tools") is not { } list)
        {
            return null;
        }

        return list.ValueKind == JsonValueKind.Array && list.GetArrayLength() <= MaxTools
            ?
            [
                .. list.EnumerateArray().Select((tool, index) => (
                    RequestFields.From(tool, string.Create(CultureInfo.InvariantCulture, $"tools[{index}]")), tool)),
            ]
            : throw root.Bad("tools", $"a list of at most {MaxTools} tools");
    }

    /// <summary>The declaration that some fields hold; others of them are refused.</summary>
    /// <param name="tool">With "name", "description" and "strict".</param>
    /// <param name="schema">The name of the field with the schema of the arguments.</param>
    /// <exception cref="ApiException">It is none; the message says where.</exception>
    public static ToolDeclaration Read(RequestFields tool, string schema)
    {
        var name = tool.String("name") is { Length: > 0 and <= MaxNameLength } given
            ? given
            : throw tool.Bad("name", string.Create(CultureInfo.InvariantCulture, $"text of 1 to {MaxNameLength} characters"));
        var declaration = new ToolDeclaration(name, tool.String("description") ?? "", tool.Schema(schema) switch
        {
            null => JsonElement.Parse("""{"type": "object"}"""),

            // The same (JSON Schema 2020-12, 4.3.2), in the form that templates and endpoints elsewhere understand.
            { ValueKind: JsonValueKind.True } => JsonElement.Parse("{}"),
            { } found => found,
        })
        {
            IsStrict = tool.Flag("strict") ?? false,
        };
        tool.RefuseUnknown();
        return declaration;
    }

    /// <summary>
    /// Those that a model can call: a schema that is false fits no arguments at all, so no call of its tool can be written.
    /// </summary>
    /// <exception cref="ApiException">Two have one name.</exception>
    public static List<ToolDeclaration> Callable(IEnumerable<ToolDeclaration> tools)
    {
        List<ToolDeclaration> all = [.. tools];
        return all.CountBy(tool => tool.Name, StringComparer.Ordinal).FirstOrDefault(name => name.Value > 1).Key is { } twice
            ? throw ApiException.Invalid("tools", $"Two tools have the name '{twice}'; rename one of them.")
            : all.FindAll(tool => tool.Parameters.ValueKind != JsonValueKind.False);
    }

    /// <summary>Whether a call must be made, as all APIs of OpenAI say it.</summary>
    /// <exception cref="ApiException">It is none of the words.</exception>
    public static ToolChoice ReadMode(string? word) => word switch
    {
        "none" => ToolChoice.None,
        "auto" => ToolChoice.Auto,
        "required" => ToolChoice.Required,
        _ => throw BadChoice(),
    };

    public static ApiException BadChoice() => ApiException.Invalid(
        "tool_choice", "The field \"tool_choice\" must be none, auto, required, or name a function of \"tools\".");
}
