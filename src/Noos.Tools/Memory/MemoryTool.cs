using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Core.Tools;

namespace Noos.Tools.Memory;

/// <summary>What the tools of the memory have in common. A memory that cannot be read or written is an error of the call.</summary>
/// <param name="facts">Where facts are kept.</param>
public abstract class MemoryTool(IFactStore facts) : ITool
{
    public abstract ToolDeclaration Declaration { get; }

    public IReadOnlyList<Capability> Needs => [Capability.Memory];

    // Looked up, remembered or forgotten once more: nothing changes.
    public bool IsRepeatable => true;

    protected IFactStore Facts => facts;

    public IReadOnlyList<Effect>? EffectsOf(ToolCallPart call, IToolContext context)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(context);
        return [EffectOf(call, context)];
    }

    public ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            return ValueTask.FromResult(Run(call, context));
        }
        catch (NoosException e)
        {
            throw new ToolException(e.Message, e);
        }
    }

    /// <summary>What a call does.</summary>
    protected abstract Effect EffectOf(ToolCallPart call, IToolContext context);

    /// <summary>Does it.</summary>
    protected abstract ToolResult Run(ToolCallPart call, IToolContext context);

    /// <summary>For <see cref="FactVersion"/>s and their changes: who wrote them.</summary>
    protected static string SourceOf(IToolContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return $"process {context.ProcessId}";
    }
}
