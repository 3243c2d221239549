namespace Noos.Corpus.Documents;

/// <summary>One text to learn from, and where it comes from. Documents are independent: the model sees a separator between them.</summary>
/// <param name="Origin">Where the document lies; its <see cref="DocumentOrigin.Address"/> is that of this very document.</param>
/// <param name="Text">The text, as the model shall see it.</param>
/// <param name="Title">What the source calls it, for people; not part of the text.</param>
public sealed record Document(DocumentOrigin Origin, string Text, string? Title = null)
{
    /// <summary>Names the document by source and place: the same in every run, whatever becomes of the text.</summary>
    public DocumentId Id => DocumentId.From(Origin.Source, Origin.Address);

    /// <summary>Which part of its file it is; null where nobody cites it.</summary>
    public DocumentPlace? Place { get; init; }

    /// <summary>The rows that the text shows, where it is a piece of a table; null for any other text.</summary>
    public TableRows? Rows { get; init; }

    /// <summary>How deep its title stands among the headings of the file, from 1; 0 where that is not known.</summary>
    public int Level { get; init; }

    public string Source => Origin.Source;

    /// <summary>A URL, or a file with row and part: <c>text/facts.jsonl.zst#L12.3</c>.</summary>
    public string Address => Origin.Address;

    public DateTimeOffset? FetchedAt => Origin.FetchedAt;

    public string? Licence => Origin.Licence;

    public string? Language => Origin.Language;

    /// <summary>Names the text by content; see <see cref="Documents.ContentDigest"/>. Computed at every call.</summary>
    public UInt128 ContentDigest => Documents.ContentDigest.Compute(Text);
}
