using System.Text.Json;
using System.Text.Json.Nodes;
using Noos.Core.Tools;
using Noos.Server.OpenAi;

namespace Noos.Server.Responses;

/// <summary>
/// Tools that OpenAI hosts and for which this server has tools of its own
/// (https://platform.openai.com/docs/guides/tools): searching the web and running code.
/// </summary>
static class HostedTools
{
    static readonly string[] s_web = ["search", "open_page"];
    static readonly string[] s_code = ["python", "javascript"];

    /// <summary>The names of the tools here that stand for a hosted one; null where there are none.</summary>
    /// <param name="tool">An entry of "tools", whose fields are read.</param>
    /// <exception cref="ApiException">It asks for what cannot be had here.</exception>
    public static IReadOnlyList<string>? Read(RequestFields tool)
    {
        switch (tool.String("type"))
        {
            case "web_search" or "web_search_2025_08_26" or "web_search_preview" or "web_search_preview_2025_03_11":
                tool.Accept("search_context_size", "user_location");
                tool.AcceptOnly("filters", _ => false);
                tool.RefuseUnknown();
                return s_web;
            case "code_interpreter":
                // Each answer has a folder and a sandbox of its own.
                tool.AcceptOnly("container", IsNew);
                tool.RefuseUnknown();
                return s_code;
            default:
                return null;
        }
    }

    /// <summary>Which of the tools here an answer gets.</summary>
    /// <param name="wanted">Names of what stands for each hosted tool.</param>
    /// <param name="tools">Those of the server.</param>
    /// <exception cref="ApiException">The server has none for one of them.</exception>
    public static IReadOnlyList<string> Choose(IReadOnlyList<IReadOnlyList<string>> wanted, IReadOnlyList<ITool> tools)
    {
        var names = new List<string>();
        foreach (var some in wanted)
        {
            string[] found = [.. some.Where(name => tools.Any(tool => tool.Declaration.Name == name))];
            names.AddRange(found.Length > 0 ? found : throw ApiException.Invalid(
                "tools",
                $"This server has none of the tools {string.Join(", ", some)}, which would be needed; start it with --tool {some[0]}, or "
                + "leave the tool out."));
        }

        return names;
    }

    /// <summary>As the response says it again.</summary>
    public static JsonObject Repeat(JsonElement tool) => JsonObject.Create(tool.Clone())!;

    static bool IsNew(JsonElement container) => container.ValueKind == JsonValueKind.Object
        && container.EnumerateObject().All(field =>
            (field.Name == "type" && field.Value.ValueKind == JsonValueKind.String && field.Value.GetString() == "auto")
            || (field.Name == "file_ids" && field.Value.ValueKind == JsonValueKind.Array && field.Value.GetArrayLength() == 0));
}
