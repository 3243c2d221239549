using System.Text.Json;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;

namespace Noos.Server.OpenAi;

/// <summary>Reads the tools of a request and the choice among them.</summary>
static class ChatTools
{
    /// <summary>The declared tools; null where the request has no such field.</summary>
    public static List<ToolDeclaration>? Read(RequestFields root) =>
        ToolReader.FindAll(root) is { } tools ? ToolReader.Callable(tools.Select(tool => Declaration(tool.Fields))) : null;

    /// <summary>The choice, and the tools that it leaves.</summary>
    public static ToolChoice ReadChoice(RequestFields root, ref List<ToolDeclaration>? tools)
    {
        var choice = root.Find("tool_choice") switch
        {
            null => ToolChoice.Auto,
            { ValueKind: JsonValueKind.String } word => ToolReader.ReadMode(word.GetString()),
            { ValueKind: JsonValueKind.Object } chosen => Chosen(new RequestFields(chosen, "tool_choice"), ref tools),
            _ => throw ToolReader.BadChoice(),
        };
        return choice.Mode != ToolChoiceMode.Required || tools is not { Count: 0 }
            ? choice
            : throw ApiException.Invalid(
                "tool_choice", "A call is required, but \"tools\" is empty; declare one, or leave the choice out.");
    }

    static ToolDeclaration Declaration(RequestFields fields)
    {
        if (fields.String("type") != "function" || fields.Object("function") is not { } function)
        {
            throw ApiException.Invalid(
                "tools", "Every tool must be {\"type\": \"function\", \"function\": {\"name\": ...}}; other kinds are not served here.");
        }

        fields.RefuseUnknown();
        return ToolReader.Read(function, "parameters");
    }

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
                var allowed = fields.Object("allowed_tools") ?? throw ToolReader.BadChoice();
                if (allowed.Find("tools") is not { ValueKind: JsonValueKind.Array } list)
                {
                    throw ToolReader.BadChoice();
                }

                string[] names =
                [
                    .. list.EnumerateArray().Select(tool => Name(
                        tool.ValueKind == JsonValueKind.Object && tool.TryGetProperty("function", out var function) ? function : null,
                        known)),
                ];
                var choice = ToolReader.ReadMode(allowed.Word("mode", "auto", "required") ?? "auto");
                allowed.RefuseUnknown();
                fields.RefuseUnknown();
                tools = known.FindAll(tool => names.Contains(tool.Name));
                return choice;
            default:
                throw ToolReader.BadChoice();
        }
    }

    static string Name(JsonElement? function, List<ToolDeclaration> tools) =>
        function is { ValueKind: JsonValueKind.Object } chosen
        && chosen.TryGetProperty("name", out var named) && named.ValueKind == JsonValueKind.String
        && named.GetString() is { } name && tools.Exists(tool => tool.Name == name)
            ? name
            : throw ToolReader.BadChoice();
}
