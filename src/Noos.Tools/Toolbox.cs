using Noos.Core;
using Noos.Core.Tools;
using Noos.Tools.Browse;
using Noos.Tools.Calculator;
using Noos.Tools.Clock;
using Noos.Tools.Code;
using Noos.Tools.Code.JavaScript;
using Noos.Tools.Code.Python;
using Noos.Tools.Files;
using Noos.Tools.Look;
using Noos.Tools.Mcp;
using Noos.Tools.Memory;
using Noos.Tools.Search;
using Noos.Tools.Units;

namespace Noos.Tools;

/// <summary>
/// All tools, in the order in which they were taught. To make one starts nothing and opens no file, but the list of MCP servers where there
/// is one: that waits for a call.
/// </summary>
public static class Toolbox
{
    /// <param name="options">What the tools need to know of the machine.</param>
    public static IReadOnlyList<ITool> Create(ToolboxOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var code = new CodeRuntime(options.Code);
        return
        [
            new CalculatorTool(),
            new ClockTool(),
            new ConvertTool(options.Convert),
            new SearchTool(() => options.HasNetwork ? options.Search() : options.Search() with { Sources = [SearchSources.Local] }),
            new OpenPageTool(options.Browse),
            new PythonTool(code),
            new JavaScriptTool(code),
            new ReadFileTool(options.Files),
            .. options.Eye is { } eye ? (ITool[])[new LookTool(eye, options.Files.MaxLength)] : [],
            .. options.Facts is { } facts ? MemoryTools.Create(facts) : [],
            .. options.Mcp is { } mcp && new McpRegistry(options.UserData.Folder) is { Exists: true } registry
                ? McpTools.Create(registry, mcp())
                : [],
        ];
    }

    /// <summary>Those of the names, in their order.</summary>
    /// <exception cref="NoosException">There is no tool of a name.</exception>
    public static IReadOnlyList<ITool> Create(ToolboxOptions options, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var all = Create(options);
        return [.. names.Select(name => all.FirstOrDefault(tool => tool.Declaration.Name == name) ?? throw new NoosException(
            $"There is no tool '{name}'; there are: {string.Join(", ", all.Select(tool => tool.Declaration.Name))}."))];
    }
}
