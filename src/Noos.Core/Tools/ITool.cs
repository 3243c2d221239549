using Noos.Core.Conversations;

namespace Noos.Core.Tools;

/// <summary>
/// A system call of a model. The kernel's gate alone invokes it: the arguments then fit the declared schema, and the time and the length of
/// the result are limited. Serves many callers at once.
/// </summary>
public interface ITool
{
    ToolDeclaration Declaration { get; }

    /// <summary>What it must be allowed to do.</summary>
    Capabilities Needs { get; }

    /// <summary>A call may be made again after a crash without harm: it changes nothing, or the same thing to the same state.</summary>
    bool IsRepeatable { get; }

    /// <summary>Does what the call says.</summary>
    /// <param name="call">Arguments that fit the schema.</param>
    /// <param name="context">What the tool may use.</param>
    /// <param name="cancellationToken">Cancelled when the caller stops, and at the time limit: then the result is no longer wanted.</param>
    /// <exception cref="ToolException">
    /// The tool refuses; the model reads why. Any other exception counts as a failure of the tool.
    /// </exception>
    ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken);
}
