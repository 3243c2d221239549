using Noos.Core;
using Noos.Corpus.Documents.Formats;

namespace Noos.Corpus.Documents;

/// <summary>How the rows of a kind of file become documents. The name is what a recipe writes.</summary>
public sealed class DocumentFormat
{
    readonly Func<string, IEnumerable<Document>> _read;

    DocumentFormat(string name, Func<string, IEnumerable<Document>> read)
    {
        Name = name;
        _read = read;
    }

    /// <summary>All formats.</summary>
    public static IReadOnlyList<DocumentFormat> All { get; } =
    [
        new("text", PlainText.Read),
        new("jsonl", path => Prose.Read(path, titleField: null)),
        new("titled", path => Prose.Read(path, titleField: "title")),
        new("answers", Answers.Read),
        new("books", Books.Read),
        new("textbooks", Textbooks.Read),
        new("dictionary", Dictionary.Read),
        new("facts", Facts.Read),
    ];

    public string Name { get; }

    /// <summary>The format of that name.</summary>
    /// <exception cref="NoosException">There is none; the message lists the names.</exception>
    public static DocumentFormat Get(string name) => All.FirstOrDefault(format => format.Name == name)
        ?? throw new NoosException($"There is no document format '{name}'; the formats are {string.Join(", ", All.Select(format => format.Name))}.");

    /// <summary>The documents of a file, read as they are asked for, in the order of the file.</summary>
    /// <exception cref="NoosException">The file is missing, damaged, or of another format.</exception>
    public IEnumerable<Document> Read(string path) => _read(path);
}
