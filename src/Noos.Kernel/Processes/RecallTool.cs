using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Memory;

namespace Noos.Kernel.Processes;

/// <summary>
/// <c>recall</c>: finds what was paged out of the process that calls it. A passage keeps the label of what it is a passage of.
/// </summary>
/// <param name="context">Reads the pages.</param>
/// <param name="process">Whose.</param>
/// <param name="maxLength">All passages together have at most so many characters, so that they fit what they are recalled into.</param>
sealed class RecallTool(ProcessContext context, long process, int maxLength) : ITool
{
    public ToolDeclaration Declaration => RecallDeclaration.Declaration;

    /// <summary>Nothing: what it reads is the process's own.</summary>
    public IReadOnlyList<Capability> Needs => [];

    public bool IsRepeatable => true;

    public ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext toolContext, CancellationToken cancellationToken)
    {
        // A whole number may be written as 3.0 or 1e9; one that no page has finds nothing.
        var page = call.Arguments.TryGetProperty(RecallDeclaration.Page, out var number)
            ? number.TryGetInt32(out var whole) ? whole : (int)Math.Clamp(number.GetDouble(), int.MinValue, int.MaxValue)
            : (int?)null;
        var found = context.Recall(process, call.Arguments.GetProperty(RecallDeclaration.Query).GetString()!, page, maxLength);
        if (found.Count == 0)
        {
            return ValueTask.FromResult(ToolResult.Text(
                "Nothing that is paged out has these words; try others, or answer from what is shown."));
        }

        var origin = found.Aggregate((Origin?)null, (least, part) => least.LessTrusted(part.Origin)) ?? Origin.Tool;
        return ValueTask.FromResult(new ToolResult(found, Origin: origin.IsForeign() ? origin : Origin.Tool));
    }
}
