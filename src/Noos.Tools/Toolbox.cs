using Noos.Tools.Calculator;

namespace Noos.Tools;

/// <summary>All tools, in the order in which they were taught.</summary>
public static class Toolbox
{
    public static IReadOnlyList<Tool> All { get; } = [CalculatorTool.Instance];

    /// <summary>The tool of that name, or null.</summary>
    public static Tool? Find(string name) => All.FirstOrDefault(tool => tool.Name == name);
}
