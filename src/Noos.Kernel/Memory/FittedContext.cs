using Noos.Core.Conversations;

namespace Noos.Kernel.Memory;

/// <summary>A conversation as it fits a context.</summary>
/// <param name="Shown">What the model reads.</param>
/// <param name="Tokens">The same in tokens.</param>
/// <param name="Pages">Every page of the whole conversation, in its order.</param>
/// <param name="OmittedMessages">So many messages are not shown at all.</param>
public sealed record FittedContext(Conversation Shown, int[] Tokens, IReadOnlyList<FittedPage> Pages, int OmittedMessages)
{
    /// <summary>So many pages from the first on are of turns that went as a whole.</summary>
    public int GonePages { get; init; }

    /// <summary>What stands for them; null where there is no summary.</summary>
    public FittedPage? Summary { get; init; }

    /// <summary>Tokens of the pages, and of the pieces of pages, that are not shown.</summary>
    public long PagedOutTokens => Pages.Sum(page => (long)page.PagedOutTokens);

    /// <summary>Something is not shown.</summary>
    public bool IsPagedOut => Pages.Any(page => page.PagedOutTokens > 0);
}

/// <summary>A page: one part of one message.</summary>
/// <param name="Number">From 1, over all parts of the conversation: it never changes as the conversation grows.</param>
/// <param name="Message">The index of its message in the whole conversation.</param>
/// <param name="Part">What it holds.</param>
/// <param name="Tokens">Of its content alone.</param>
public sealed record FittedPage(int Number, int Message, Part Part, int Tokens)
{
    public PageState State { get; init; }

    /// <summary>What the model reads of it; null for nothing.</summary>
    public Part? Shown { get; init; }

    /// <summary>So many of its tokens are not shown.</summary>
    public int PagedOutTokens { get; init; }
}
