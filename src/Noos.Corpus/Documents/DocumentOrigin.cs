namespace Noos.Corpus.Documents;

/// <summary>
/// Where text comes from. A reader gets the origin of a whole file or page, and gives each document the origin of its own place in it.
/// </summary>
/// <param name="Source">The data set or site, as a recipe names it.</param>
/// <param name="Address">
/// A URL, or a path below the data folder: part of every document's identity, so it holds nothing of one machine.
/// </param>
public sealed record DocumentOrigin(string Source, string Address)
{
    /// <summary>When it was fetched; null for files that were always there.</summary>
    public DateTimeOffset? FetchedAt { get; init; }

    /// <summary>Licence of the text, as people write it; null when unknown.</summary>
    public string? Licence { get; init; }

    /// <summary>Language of the text (BCP 47), such as <c>en</c>; null when unknown.</summary>
    public string? Language { get; init; }

    /// <summary>The record of an archive that it was made of, as <c>ARCHIVE#OFFSET</c>; null where it comes from no archive.</summary>
    public string? Capture { get; init; }

    /// <summary>The place of one document within: a row, and which part of it where a row gives several.</summary>
    /// <param name="row">Line number, from 1. Of a document made of several rows, the first.</param>
    /// <param name="part">From 1, or 0 for a row that is one document.</param>
    public DocumentOrigin At(int row, int part = 0) => this with { Address = part == 0 ? $"{Address}#L{row}" : $"{Address}#L{row}.{part}" };
}
