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

    /// <summary>
    /// The documents from a place on; a reader that cannot go there directly gives those before it, too. Of another
    /// <see cref="DocumentPlace.Within"/> it may give none.
    /// </summary>
    /// <param name="content">As in <see cref="ReadAsync"/>.</param>
    /// <param name="origin">As in <see cref="ReadAsync"/>.</param>
    /// <param name="from">The first that is wanted.</param>
    /// <param name="cancellationToken">Stops between documents.</param>
    /// <exception cref="NoosException">As of <see cref="ReadAsync"/>.</exception>
    IAsyncEnumerable<Document> ReadFromAsync(
        Stream content, DocumentOrigin origin, DocumentPlace from, CancellationToken cancellationToken = default) =>
        ReadAsync(content, origin, cancellationToken);

    /// <summary>What a file tells of its contents without being read to its end; null where only reading tells.</summary>
    /// <param name="content">As in <see cref="ReadAsync"/>.</param>
    /// <param name="origin">As in <see cref="ReadAsync"/>.</param>
    /// <exception cref="NoosException">As of <see cref="ReadAsync"/>.</exception>
    DocumentOutline? ReadOutline(Stream content, DocumentOrigin origin) => null;
}
