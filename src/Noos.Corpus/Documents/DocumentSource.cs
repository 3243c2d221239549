namespace Noos.Corpus.Documents;

/// <summary>A named file of documents.</summary>
/// <param name="Name">Names the shards made of it.</param>
/// <param name="Path">A file, compressed with Zstandard if its name ends in <c>.zst</c>.</param>
/// <param name="Format">How its rows become documents.</param>
public sealed record DocumentSource(string Name, string Path, DocumentFormat Format)
{
    /// <summary>The documents, each time anew, in the order of the file; empty ones are passed over.</summary>
    public IEnumerable<Document> Read() => Format.Read(Path).Where(document => document.Text.Length > 0);
}
