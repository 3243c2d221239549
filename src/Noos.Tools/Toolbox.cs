using Noos.Core;
using Noos.Core.Tools;
using Noos.Tools.Browse;
using Noos.Tools.Calculator;

namespace Noos.Tools;

/// <summary>All tools, in the order in which they were taught. To make one opens no file and starts nothing: that waits for a call.</summary>
public static class Toolbox
{
    /// <param name="options">What the tools need to know of the machine.</param>
    public static IReadOnlyList<ITool> Create(ToolboxOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return
        [
            new CalculatorTool(),
            new OpenPageTool(options.Browse),
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
