using System.Runtime.CompilerServices;
using Noos.Core;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents;

/// <summary>A named stream of documents that can be read any number of times, always in the same order.</summary>
/// <param name="name">Names the shards made of it.</param>
/// <param name="read">Begins to read, from the first document on.</param>
public sealed class DocumentSource(string name, Func<CancellationToken, IAsyncEnumerable<Document>> read)
{
    public string Name { get; } = name;

    /// <summary>A file, compressed with Zstandard if its name ends in <c>.zst</c>.</summary>
    /// <param name="path">Where the file lies on this machine.</param>
    /// <param name="reader">How its rows become documents.</param>
    /// <param name="origin">Source, address below the data folder, licence and language of the file.</param>
    public static DocumentSource FromFile(string path, IDocumentReader reader, DocumentOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(origin);
        return new DocumentSource(origin.Source, cancellationToken => ReadFileAsync(path, reader, origin, cancellationToken));
    }

    /// <summary>The documents; those without text are passed over.</summary>
    /// <exception cref="NoosException">
    /// A file is missing (<see cref="ErrorKind.NotFound"/>), damaged or of another format (<see cref="ErrorKind.Damaged"/>).
    /// </exception>
    public async IAsyncEnumerable<Document> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var document in read(cancellationToken))
        {
            if (document.Text.Length > 0)
            {
                yield return document;
            }
        }
    }

    static async IAsyncEnumerable<Document> ReadFileAsync(
        string path, IDocumentReader reader, DocumentOrigin origin, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var content = CompressedFile.OpenRead(path);
        await foreach (var document in reader.ReadAsync(content, origin, cancellationToken))
        {
            yield return document;
        }
    }
}
