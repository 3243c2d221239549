using Noos.Core.Tools;
using Noos.Tools.Calculator;

namespace Noos.Tools;

/// <summary>All tools, in the order in which they were taught.</summary>
public static class Toolbox
{
    public static IReadOnlyList<ITool> All { get; } = [new CalculatorTool()];

    /// <summary>The tool of that name, or null.</summary>
    public static ITool? Find(string name) => All.FirstOrDefault(tool => tool.Declaration.Name == name);
}
