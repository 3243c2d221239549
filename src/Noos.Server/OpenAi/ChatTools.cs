using System.Text.Json;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;

namespace Noos.Server.OpenAi;

/// <summary>Reads the tools of a request and the choice among them.</summary>
static class ChatTools
{
    const int MaxTools = 128;
    const int MaxNameLength = 64;

    /// <summary>The declared tools; null where the request has no such field.</summary>
    public static List<ToolDeclaration>? Read(RequestFields root)
    {
        if (root.Find("tools") is not { } list)
        {
            return null;
        }

        return list.ValueKind == JsonValueKind.Array && list.GetArrayLength() <= MaxTools
            ? [.. list.EnumerateArray().Select((tool, index) => Declaration(tool, $"tools[{index}]"))]
            : throw ApiException.Invalid("tools", $"The field \"tools\" must be a list of at most {MaxTools} functions.");
    }

    /// <summary>The choice, and the tools that it leaves.</summary>
    public static ToolChoice ReadChoice(RequestFields root, ref List<ToolDeclaration>? tools)
    {
        var choice = root.Find("tool_choice") switch
        {
            null => ToolChoice.Auto,
            { ValueKind: JsonValueKind.String } word => Mode(word.GetString()),
            { ValueKind: JsonValueKind.Object } chosen => Chosen(new RequestFields(chosen, "tool_choice"), ref tools),
            _ => throw Bad(),
        };
        return choice.Mode != ToolChoiceMode.Required || tools is not { Count: 0 }
            ? choice
            : throw ApiException.Invalid(
                "tool_choice", "A call is required, but \"tools\" is empty; declare one, or leave the choice out.");
    }

    static ToolDeclaration Declaration(JsonElement tool, string path)
    {
        var fields = tool.ValueKind == JsonValueKind.Object ? new RequestFields(tool, path) : throw Malformed();
        if (fields.Find("type") is not { ValueKind: JsonValueKind.String } type || type.GetString() != "function"
            || fields.Find("function") is not { ValueKind: JsonValueKind.Object } declared)
        {
            throw Malformed();
        }

        fields.RefuseUnknown();
        var function = new RequestFields(declared, $"{path}.function");
        if (function.Find("name") is not { ValueKind: JsonValueKind.String } named
            || named.GetString() is not { Length: > 0 and <= MaxNameLength } name)
        {
            throw Malformed();
        }

        var parameters = function.Find("parameters") ?? JsonElement.Parse("""{"type": "object"}""");
        var tools = new ToolDeclaration(name, function.String("description") ?? "", parameters.ValueKind == JsonValueKind.Object
            ? parameters.Clone()
            : throw ApiException.Invalid("tools", $"The parameters of the tool {name} must be a JSON Schema object."))
        {
            IsStrict = function.Flag("strict") ?? false,
        };
        function.RefuseUnknown();
        return tools;

        static ApiException Malformed() => ApiException.Invalid("tools",
            "Every tool must be {\"type\": \"function\", \"function\": {\"name\": ...}} with a name of at most "
            + $"{MaxNameLength} characters.");
    }

    static ToolChoice Mode(string? word) => word switch
    {
        "none" => ToolChoice.None,
        "auto" => ToolChoice.Auto,
        "required" => ToolChoice.Required,
        _ => throw Bad(),
    };

    static ToolChoice Chosen(RequestFields fields, ref List<ToolDeclaration>? tools)
    {
        var known = tools ?? [];
        switch (fields.String("type"))
        {
            case null or "function":
                var name = Name(fields.Find("function"), known);
                fields.RefuseUnknown();
                return ToolChoice.Required with { Name = name };
            case "allowed_tools":
                var allowed = fields.Object("allowed_tools") ?? throw Bad();
                if (allowed.Find("tools") is not { ValueKind: JsonValueKind.Array } list)
                {
                    throw Bad();
                }

                string[] names =
                [
                    .. list.EnumerateArray().Select(tool => Name(
                        tool.ValueKind == JsonValueKind.Object && tool.TryGetProperty("function", out var function) ? function : null,
                        known)),
                ];
                var choice = Mode(allowed.Word("mode", "auto", "required") ?? "auto");
                allowed.RefuseUnknown();
                fields.RefuseUnknown();
                tools = known.FindAll(tool => names.Contains(tool.Name));
                return choice;
            default:
                throw Bad();
        }
    }

    static string Name(JsonElement? function, List<ToolDeclaration> tools) =>
        function is { ValueKind: JsonValueKind.Object } chosen
        && chosen.TryGetProperty("name", out var named) && named.ValueKind == JsonValueKind.String
        && named.GetString() is { } name && tools.Exists(tool => tool.Name == name)
            ? name
            : throw Bad();

    static ApiException Bad() => ApiException.Invalid(
        "tool_choice", "The field \"tool_choice\" must be none, auto, required, or name a function of \"tools\".");
}
