using Noos.Core;
using Noos.Corpus.Documents.Readers;

namespace Noos.Corpus.Documents;

/// <summary>The readers that recipes can name. Not thread-safe while readers are added.</summary>
public sealed class DocumentReaderRegistry
{
    readonly List<IDocumentReader> _readers = [];

    /// <summary>A registry with the readers of this project.</summary>
    public static DocumentReaderRegistry CreateDefault() => new DocumentReaderRegistry()
        .Add(new PlainTextReader())
        .Add(new ProseReader("jsonl", titleField: null))
        .Add(new ProseReader("titled", titleField: "title"))
        .Add(new PromptResponseReader())
        .Add(new BookReader())
        .Add(new TextbookReader())
        .Add(new DictionaryReader())
        .Add(new NestedFactsReader());

    public IReadOnlyList<IDocumentReader> Readers => _readers;

    /// <summary>Adds a reader; it goes before those that were added earlier, so it may take over a format of theirs.</summary>
    public DocumentReaderRegistry Add(IDocumentReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _readers.Insert(0, reader);
        return this;
    }

    /// <summary>The reader of a format.</summary>
    /// <param name="format">The name of a format, or a media type.</param>
    /// <exception cref="NoosException">There is none (<see cref="ErrorKind.NotFound"/>); the message lists the names.</exception>
    public IDocumentReader Get(string format) => _readers.Find(reader => reader.Reads(format)) ?? throw new NoosException(
        ErrorKind.NotFound,
        $"There is no document format '{format}'; the formats are {string.Join(", ", _readers.Select(reader => reader.Name).Reverse())}.");
}
