namespace Noos.Corpus.Documents;

/// <summary>A format of files.</summary>
/// <param name="Name">The name of its reader; empty for a format that is known and not read.</param>
/// <param name="MediaType">As in HTTP.</param>
/// <param name="Description">What people call it: "PDF document".</param>
public sealed record FileFormat(string Name, string MediaType, string Description)
{
    public static readonly FileFormat Lines = new("lines", "text/plain", "text");
    public static readonly FileFormat Markdown = new("markdown", "text/markdown", "Markdown text");
    public static readonly FileFormat Code = new("lines", "text/plain", "source code");
    public static readonly FileFormat Csv = new("csv", "text/csv", "table (CSV)");
    public static readonly FileFormat Tsv = new("tsv", "text/tab-separated-values", "table (TSV)");
    public static readonly FileFormat Json = new("json", "application/json", "JSON");
    public static readonly FileFormat JsonLines = new("records", "application/jsonl", "JSON lines");
    public static readonly FileFormat Html = new("html", "text/html", "web page");
    public static readonly FileFormat Pdf = new("pdf", "application/pdf", "PDF document");
    public static readonly FileFormat Word = new(
        "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word document");

    public static readonly FileFormat Spreadsheet = new(
        "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel workbook");

    public static readonly FileFormat Presentation = new(
        "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "PowerPoint presentation");

    public static readonly FileFormat Epub = new("epub", "application/epub+zip", "e-book (EPUB)");
    public static readonly FileFormat Zip = new("zip", "application/zip", "ZIP archive");

    /// <summary>Why a file of the format is not read, or what to do, as the end of a sentence; null for one that is read.</summary>
    public string? Refusal { get; init; }

    /// <summary>It is not read because it has a password: nothing can be done with it as it is.</summary>
    public bool IsProtected { get; init; }

    /// <summary>The refusal of a file in one sentence; null for a format that is read.</summary>
    public string? Refuse(string file) => Refusal is null ? null : $"'{file}' ({Description}) cannot be read: {Refusal}.";

    /// <summary>A format that is known but not read.</summary>
    public static FileFormat Unread(string mediaType, string description, string advice) =>
        new("", mediaType, description) { Refusal = advice };
}
