using Noos.Corpus.Extraction;

namespace Noos.Tools.Browse;

/// <summary>A page as it was read, cut into pages of the result.</summary>
/// <param name="Address">Where it was in the end, after redirects.</param>
/// <param name="Head">What it says of itself, in lines.</param>
/// <param name="Pages">The text; at least one page.</param>
/// <param name="Links">Numbered in the text from 1.</param>
sealed record ReadPage(Uri Address, string Head, IReadOnlyList<string> Pages, IReadOnlyList<PageLink> Links)
{
    /// <summary>What it takes in memory, in characters.</summary>
    public long Length { get; } = Head.Length + Pages.Sum(page => (long)page.Length)
        + Links.Sum(link => (long)link.Text.Length + link.Address.OriginalString.Length);
}
