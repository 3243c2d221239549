using Noos.Core;
using Noos.Corpus.Documents.Readers;

namespace Noos.Corpus.Documents;

/// <summary>The readers that recipes can name. Not thread-safe while readers are added.</summary>
public sealed class DocumentReaderRegistry
{
    readonly List<IDocumentReader> _readers = [];

    /// <summary>A registry with the readers of this project.</summary>
    public static DocumentReaderRegistry CreateDefault() => CreateForFiles()
        .Add(new PlainTextReader())
        .Add(new ProseReader("jsonl", titleField: null))
        .Add(new ProseReader("titled", titleField: "title"))
        .Add(new PromptResponseReader())
        .Add(new BookReader())
        .Add(new TextbookReader())
        .Add(new DictionaryReader())
        .Add(new NestedFactsReader());

    /// <summary>A registry with the readers of files that people give, by the formats that <see cref="FileFormats"/> finds.</summary>
    /// <param name="limits">What reading one may cost.</param>
    public static DocumentReaderRegistry CreateForFiles(ReadLimits? limits = null)
    {
        var readers = new DocumentReaderRegistry();
        return readers
            .Add(new LinesReader(limits))
            .Add(new LinesReader(limits, hasHeadings: true))
            .Add(new DelimitedReader("csv", "text/csv", delimiter: null, limits))
            .Add(new DelimitedReader("tsv", "text/tab-separated-values", delimiter: '\t', limits))
            .Add(new JsonReader(isSequence: false, limits))
            .Add(new JsonReader(isSequence: true, limits))
            .Add(new HtmlReader(limits))
            .Add(new PdfReader(limits))
            .Add(new WordReader(limits))
            .Add(new SpreadsheetReader(limits))
            .Add(new PresentationReader(limits))
            .Add(new EpubReader(limits))
            .Add(new ZipReader(readers, limits));
    }

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
