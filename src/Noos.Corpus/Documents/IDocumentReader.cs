using Noos.Core;

namespace Noos.Corpus.Documents;

/// <summary>Turns one kind of file into documents. Instances hold no state of a file and serve several at once.</summary>
public interface IDocumentReader
{
    /// <summary>What a recipe writes to ask for it, such as <c>books</c>.</summary>
    string Name { get; }

    /// <summary>Whether it reads files of this kind.</summary>
    /// <param name="format">The name of a format, or a media type such as <c>text/html</c>.</param>
    bool Reads(string format) => string.Equals(format, Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>The documents of a file in its order, one in memory at a time.</summary>
    /// <param name="content">Already decompressed; the caller disposes of it.</param>
    /// <param name="origin">Of the file; each document gets its own place in it.</param>
    /// <param name="cancellationToken">Stops between documents.</param>
    /// <exception cref="NoosException">
    /// The content is of another kind (<see cref="ErrorKind.Damaged"/>); the message names the line and the address.
    /// </exception>
    IAsyncEnumerable<Document> ReadAsync(Stream content, DocumentOrigin origin, CancellationToken cancellationToken = default);
}
