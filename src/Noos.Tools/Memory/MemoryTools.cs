using Noos.Core.Facts;
using Noos.Core.Tools;

namespace Noos.Tools.Memory;

/// <summary>The tools of the memory: remember, look up, forget. Their names leave "recall" to what was paged out of a context.</summary>
public static class MemoryTools
{
    /// <param name="facts">Where facts are kept.</param>
    public static IReadOnlyList<ITool> Create(IFactStore facts) =>
        [new RememberTool(facts), new SearchMemoryTool(facts), new ForgetTool(facts)];
}
