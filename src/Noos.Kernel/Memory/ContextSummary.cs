using Noos.Core.Conversations;

namespace Noos.Kernel.Memory;

/// <summary>What stands for the beginning of a conversation where that is paged out.</summary>
/// <param name="LastPage">All pages up to this one are summarised.</param>
/// <param name="Text">The summary.</param>
public sealed record ContextSummary(int LastPage, string Text)
{
    /// <summary>The number of a summary among the pages, which are counted from 1.</summary>
    public const int PageNumber = -1;

    /// <summary>As the model reads it, before the first question that is shown.</summary>
    public TextPart ToPart() => new($"[Summary of the conversation before this: {Text}]\n\n");
}
