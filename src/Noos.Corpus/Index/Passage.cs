using Noos.Core.Conversations;

namespace Noos.Corpus.Index;

/// <summary>A piece of a document as it stands there: what a search finds and an answer cites.</summary>
/// <param name="Address">Of the document.</param>
/// <param name="Title">Of the document.</param>
/// <param name="Number">Which passage of the document it is, from 1.</param>
/// <param name="Start">Where it begins in the text of the document, in characters (UTF-16 code units).</param>
/// <param name="Text">The piece.</param>
public sealed record Passage(string Address, string Title, int Number, int Start, string Text)
{
    /// <summary>The data set or site that the document belongs to.</summary>
    public required string Source { get; init; }

    /// <summary>How far it may be trusted.</summary>
    public Origin Origin { get; init; } = Origin.File;

    /// <summary>What time the document tells of; when it was fetched.</summary>
    public DateTimeOffset? Date { get; init; }

    public string? Licence { get; init; }

    /// <summary>Where the document lies as it was fetched; see <see cref="Documents.DocumentOrigin.Capture"/>.</summary>
    public string? Capture { get; init; }
}
