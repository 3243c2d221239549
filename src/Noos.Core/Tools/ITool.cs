using Noos.Core.Conversations;

namespace Noos.Core.Tools;

/// <summary>
/// A system call of a model. The kernel's gate alone invokes it: the arguments then fit the declared schema, and the time and the length of
/// the result are limited. Serves many callers at once.
/// </summary>
public interface ITool
{
    ToolDeclaration Declaration { get; }

    /// <summary>What it must be allowed to do; empty for a tool that only computes with its arguments.</summary>
    IReadOnlyList<Capability> Needs { get; }

    /// <summary>A call may be made again after a crash without harm: it changes nothing, or the same thing to the same state.</summary>
    bool IsRepeatable { get; }

    /// <summary>
    /// What a call will do to the world, all of it, before it does: the gate asks this for every call, and a person where it must. A tool
    /// may do no more than it says here; its <see cref="IToolContext.Http"/> holds it to that.
    /// </summary>
    /// <param name="call">Arguments that fit the schema.</param>
    /// <param name="context">As the call will get it, with an <see cref="IToolContext.Http"/> that refuses everything.</param>
    /// <returns>
    /// The effects; empty for none. Null where a tool does not say: then its calls run only if it needs nothing.
    /// </returns>
    /// <exception cref="ToolException">The call makes no sense; the model reads why.</exception>
    IReadOnlyList<Effect>? EffectsOf(ToolCallPart call, IToolContext context) => null;

    /// <summary>Does what the call says.</summary>
    /// <param name="call">Arguments that fit the schema.</param>
    /// <param name="context">What the tool may use.</param>
    /// <param name="cancellationToken">Cancelled when the caller stops, and at the time limit: then the result is no longer wanted.</param>
    /// <exception cref="ToolException">
    /// The tool refuses; the model reads why. Any other exception counts as a failure of the tool.
    /// </exception>
    ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken);
}
