namespace Noos.Corpus.Documents.Filters;

/// <summary>
/// Decides about one document: keep, drop, or put another in its place. The same document gets the same verdict: sources are read
/// more than once. Thread-safe.
/// </summary>
public interface IDocumentFilter
{
    /// <summary>Names it in reports, such as <c>gopher-repetition</c>.</summary>
    string Name { get; }

    Verdict Judge(Document document);
}
