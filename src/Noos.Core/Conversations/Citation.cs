namespace Noos.Core.Conversations;

/// <summary>Where a piece of text that was read stands: what the <c>[n]</c> of an answer leads to.</summary>
/// <param name="Number">The n, from 1, within one result of a tool.</param>
/// <param name="Title">What the source calls it.</param>
/// <param name="Address">Of the document: a URL, the path of a file, or a name that the index of this machine knows.</param>
public sealed record Citation(int Number, string Title, string Address)
{
    /// <summary>Who was asked: <c>local</c>, <c>wikipedia</c>.</summary>
    public string? Source { get; init; }

    /// <summary>Which passage of the document in the local index, from 1; null elsewhere.</summary>
    public int? Passage { get; init; }

    /// <summary>
    /// Where the text begins in that of the document, in characters (UTF-16 code units): in the document of the index, or in what the
    /// source answered.
    /// </summary>
    public int? Start { get; init; }

    /// <summary>What time it tells of, as far as that is known.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>Under which it may be passed on.</summary>
    public string? Licence { get; init; }

    /// <summary>
    /// The record of an archive of this machine that holds the page as it was fetched, as <c>ARCHIVE#OFFSET</c>; null where none does.
    /// </summary>
    public string? Capture { get; init; }
}
