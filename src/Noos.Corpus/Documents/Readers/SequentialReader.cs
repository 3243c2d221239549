using Noos.Core;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Reads files of people, who may have got them from anybody: whatever a parser throws at a malformed file becomes one sentence. Reads on
/// the caller's thread, a document at a time.
/// </summary>
public abstract class SequentialReader(ReadLimits limits) : IDocumentReader
{
    public abstract string Name { get; }

    /// <summary>What reading a file may cost.</summary>
    protected ReadLimits Limits => limits;

    public virtual bool Reads(string format) => string.Equals(format, Name, StringComparison.OrdinalIgnoreCase);

    public IAsyncEnumerable<Document> ReadAsync(Stream content, DocumentOrigin origin, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(origin);
        return Guard(content, origin, from: null, cancellationToken).ToAsyncEnumerable();
    }

    public IAsyncEnumerable<Document> ReadFromAsync(
        Stream content, DocumentOrigin origin, DocumentPlace from, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(origin);
        return Guard(content, origin, from, cancellationToken).ToAsyncEnumerable();
    }

    public DocumentOutline? ReadOutline(Stream content, DocumentOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(origin);
        try
        {
            return Outline(content, origin);
        }
        catch (Exception exception) when (IsOfContent(exception))
        {
            throw Damaged(origin, exception);
        }
    }

    /// <summary>The documents.</summary>
    /// <param name="content">The file.</param>
    /// <param name="origin">Of the file.</param>
    /// <param name="from">The first that is wanted; null for all.</param>
    /// <param name="cancellationToken">Stops between documents, and within long ones.</param>
    protected abstract IEnumerable<Document> Read(
        Stream content, DocumentOrigin origin, DocumentPlace? from, CancellationToken cancellationToken);

    /// <inheritdoc cref="ReadOutline"/>
    protected virtual DocumentOutline? Outline(Stream content, DocumentOrigin origin) => null;

    /// <summary>What messages call a file.</summary>
    protected static string NameOf(DocumentOrigin origin) =>
        Path.GetFileName(origin.Address) is { Length: > 0 } name ? name : origin.Address;

    IEnumerable<Document> Guard(Stream content, DocumentOrigin origin, DocumentPlace? from, CancellationToken cancellationToken)
    {
        using var documents = Open();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Document document;
            try
            {
                if (!documents.MoveNext())
                {
                    yield break;
                }

                document = documents.Current;
            }
            catch (Exception exception) when (IsOfContent(exception))
            {
                throw Damaged(origin, exception);
            }

            yield return document;
        }

        IEnumerator<Document> Open() => Read(content, origin, from, cancellationToken).GetEnumerator();
    }

    // Parsers that were never meant for damaged files throw anything, null references included.
    static bool IsOfContent(Exception exception) => exception is not (NoosException or OperationCanceledException);

    static NoosException Damaged(DocumentOrigin origin, Exception exception) => exception switch
    {
        OutOfMemoryException => new NoosException(
            ErrorKind.OutOfMemory, $"'{NameOf(origin)}' needs more memory than there is; split it, or give a smaller one.", exception),
        UnauthorizedAccessException => new NoosException(
            ErrorKind.Refused, $"'{NameOf(origin)}' may not be read here; check its permissions.", exception),
        _ => new NoosException(
            ErrorKind.Damaged, $"'{NameOf(origin)}' is damaged, or not what its content says that it is; open it in its own program and "
            + "save it again.", exception),
    };
}
