namespace Noos.Kernel.Memory;

/// <summary>What a model reads of a conversation, in tokens.</summary>
/// <param name="WindowTokens">The size of the window: prompt and answer together.</param>
/// <param name="PromptTokens">Exactly what the engine counts.</param>
/// <param name="LayoutTokens">
/// Those that belong to no page: the markup between them, declarations of tools, what the chat template writes of its own.
/// </param>
/// <param name="Pages">All pages, in the order of the conversation.</param>
public sealed record ContextMap(int WindowTokens, int PromptTokens, int LayoutTokens, IReadOnlyList<MappedPage> Pages)
{
    /// <summary>So many pages from the first on are of turns that went as a whole.</summary>
    public int GonePages { get; init; }

    /// <summary>What stands for them; null where there is no summary.</summary>
    public MappedPage? Summary { get; init; }
}

/// <summary>A page in the window or outside of it.</summary>
/// <param name="Page">What it is.</param>
/// <param name="ShownTokens">So many tokens of the prompt are its: those of its stub where it is paged out.</param>
public sealed record MappedPage(FittedPage Page, int ShownTokens);
