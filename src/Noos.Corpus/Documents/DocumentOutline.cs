namespace Noos.Corpus.Documents;

/// <summary>What is in a file, and where.</summary>
/// <param name="Summary">Its size in its own units, such as <c>12 pages</c>.</param>
/// <param name="Items">Headings, entries, chapters in their order; may be empty.</param>
public sealed record DocumentOutline(string Summary, IReadOnlyList<DocumentOutlineItem> Items);

/// <summary>A heading, an entry, a chapter.</summary>
/// <param name="Place">Where it begins, as it can be asked for; null where it cannot.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Level">How deep it stands, from 1.</param>
public sealed record DocumentOutlineItem(string? Place, string Title, int Level = 1);
