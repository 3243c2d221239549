namespace Noos.Tools.Files;

/// <summary>How much of a prompt the files of a message may take.</summary>
/// <param name="MaxTokens">All together.</param>
/// <param name="CountTokens">Counts as the model does; null where nobody can, then four characters count as a token.</param>
public sealed record PromptBudget(int MaxTokens, Func<string, int?>? CountTokens = null)
{
    // Of a model elsewhere nobody knows the window; eight thousand fit all that are in use.
    const int UnknownWindow = 24_000;

    // Question, tools and answer need the rest.
    const int Share = 3;

    const int CharactersPerToken = 4;

    /// <summary>A third of the window.</summary>
    /// <param name="windowTokens">Prompt and answer together; null where nobody knows.</param>
    /// <param name="countTokens">As in <see cref="CountTokens"/>.</param>
    public static PromptBudget ForWindow(int? windowTokens, Func<string, int?>? countTokens) =>
        new((windowTokens ?? UnknownWindow) / Share, countTokens);

    public int Count(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return CountTokens?.Invoke(text) ?? ((text.Length + CharactersPerToken - 1) / CharactersPerToken);
    }
}
