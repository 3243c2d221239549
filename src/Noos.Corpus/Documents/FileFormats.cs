using System.Buffers.Binary;
using System.Text;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents;

/// <summary>
/// Finds out the format of a file by its content. A name only decides among formats that look alike: which text is a table, which is
/// Markdown.
/// </summary>
public static class FileFormats
{
    /// <summary>Bytes at the beginning of a file that are looked at.</summary>
    public const int HeadLength = 64 << 10;

    const string Peripherals = "it has no text; let it be heard with 'noos transcribe', where that knows its format";
    const string Picture = "it is no text; the tool look looks at pictures";
    const string OtherPicture = "save it as .png or .jpg to have it looked at";

    static readonly (string Magic, int Offset, FileFormat Format)[] s_magic =
    [
        ("%PDF-", 0, FileFormat.Pdf),
        ("\u0089PNG\r\n\u001a\n", 0, FileFormat.Unread("image/png", "PNG picture", Picture)),
        ("\u00ff\u00d8\u00ff", 0, FileFormat.Unread("image/jpeg", "JPEG picture", Picture)),
        ("GIF87a", 0, FileFormat.Unread("image/gif", "GIF picture", Picture)),
        ("GIF89a", 0, FileFormat.Unread("image/gif", "GIF picture", Picture)),
        ("WEBP", 8, FileFormat.Unread("image/webp", "WebP picture", Picture)),
        ("II*\0", 0, FileFormat.Unread("image/tiff", "TIFF picture", OtherPicture)),
        ("MM\0*", 0, FileFormat.Unread("image/tiff", "TIFF picture", OtherPicture)),
        ("ftypheic", 4, FileFormat.Unread("image/heic", "HEIC picture", OtherPicture)),
        ("ftypavif", 4, FileFormat.Unread("image/avif", "AVIF picture", OtherPicture)),
        ("WAVE", 8, Media("audio/wav", "WAV sound")),
        ("ID3", 0, Media("audio/mpeg", "MP3 sound")),
        ("\u00ff\u00fb", 0, Media("audio/mpeg", "MP3 sound")),
        ("fLaC", 0, Media("audio/flac", "FLAC sound")),
        ("OggS", 0, Media("audio/ogg", "Ogg sound")),
        ("ftypM4A", 4, Media("audio/mp4", "M4A sound")),
        ("ftyp", 4, Media("video/mp4", "MP4 video")),
        ("\u001a\u0045\u00df\u00a3", 0, Media("video/x-matroska", "Matroska or WebM video")),
        ("AVI ", 8, Media("video/x-msvideo", "AVI video")),
        ("{\\rtf", 0, FileFormat.Unread("application/rtf", "RTF document", "save it as .docx, .pdf or .txt")),
        ("\u001f\u008b", 0, Packed("application/gzip", "gzip archive")),
        ("BZh", 0, Packed("application/x-bzip2", "bzip2 archive")),
        ("\u00fd7zXZ\0", 0, Packed("application/x-xz", "xz archive")),
        ("\u0028\u00b5\u002f\u00fd", 0, Packed("application/zstd", "Zstandard archive")),
        ("7z\u00bc\u00af\u0027\u001c", 0, Packed("application/x-7z-compressed", "7z archive")),
        ("Rar!\u001a\u0007", 0, Packed("application/vnd.rar", "RAR archive")),
        ("ustar", 257, Packed("application/x-tar", "tar archive")),
        ("SQLite format 3\0", 0, FileFormat.Unread("application/vnd.sqlite3", "SQLite database", "export its tables as .csv")),
        ("PAR1", 0, FileFormat.Unread("application/vnd.apache.parquet", "Parquet table", "export it as .csv")),
        ("\u007fELF", 0, FileFormat.Unread("application/x-elf", "program", "it has no text")),
        ("MZ", 0, FileFormat.Unread("application/vnd.microsoft.portable-executable", "program", "it has no text")),
    ];

    static readonly string[] s_codeExtensions =
    [
        ".c", ".cc", ".cpp", ".cs", ".css", ".go", ".h", ".hpp", ".ini", ".java", ".js", ".kt", ".lua", ".php", ".pl", ".ps1", ".py", ".r",
        ".rb", ".rs", ".scala", ".sh", ".sql", ".swift", ".toml", ".ts", ".tsx", ".vb", ".yaml", ".yml",
    ];

    /// <summary>The format of a file.</summary>
    /// <param name="content">From its beginning, where it stands again afterwards if it can seek.</param>
    /// <param name="name">What the file is called.</param>
    public static FileFormat Find(Stream content, string name)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(name);
        var head = new byte[HeadLength];
        var length = content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (content.CanSeek)
        {
            content.Seek(-length, SeekOrigin.Current);
        }

        return Find(head.AsSpan(0, length), name, length < HeadLength);
    }

    /// <summary>The format of a file, by its beginning.</summary>
    /// <param name="head">At most <see cref="HeadLength"/> bytes.</param>
    /// <param name="name">What the file is called.</param>
    /// <param name="isWhole">There are no more.</param>
    public static FileFormat Find(ReadOnlySpan<byte> head, string name, bool isWhole)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8))
        {
            return FindPacked(head, name);
        }

        // OLE compound files: Office before 2007, and what newer Office packs into one when it encrypts.
        if (head.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]))
        {
            return head.IndexOf("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"u8) >= 0
                ? FileFormat.Unread("application/x-ole-storage", "encrypted Office file", "it has a password, so save it without one") with
                {
                    IsProtected = true,
                }
                : FileFormat.Unread("application/x-ole-storage", "old Office file", "save it as .docx, .xlsx or .pptx");
        }

        foreach (var (magic, offset, format) in s_magic)
        {
            if (head.Length >= offset + magic.Length && Matches(head[offset..], magic))
            {
                return format;
            }
        }

        // PDF readers forgive some bytes before the header.
        if (head[..Math.Min(head.Length, 1024)].IndexOf("%PDF-"u8) >= 0)
        {
            return FileFormat.Pdf;
        }

        return TextDecoding.Find(head, isWhole) is { } encoding
            ? FindText(encoding.GetString(head), name)
            : FileFormat.Unread("application/octet-stream", "binary file", "its format is not known here");
    }

    static FileFormat FindText(string text, string name)
    {
        var extension = Path.GetExtension(name).ToLowerInvariant();
        var start = text.AsSpan().TrimStart('\uFEFF').TrimStart();
        var hasMarkup = start.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase);
        return extension switch
        {
            _ when hasMarkup => FileFormat.Html,
            ".htm" or ".html" or ".xhtml" when start.StartsWith('<') => FileFormat.Html,
            ".csv" => FileFormat.Csv,
            ".tsv" or ".tab" => FileFormat.Tsv,
            ".jsonl" or ".ndjson" => FileFormat.JsonLines,
            ".json" or ".geojson" => FileFormat.Json,
            ".md" or ".markdown" => FileFormat.Markdown,
            _ when Array.IndexOf(s_codeExtensions, extension) >= 0 => FileFormat.Code,
            "" when start.StartsWith('{') || start.StartsWith('[') => FileFormat.Json,
            _ => FileFormat.Lines,
        };
    }

    /// <summary>What is in an archive says what it is: the names of its first entries stand plainly in its head.</summary>
    static FileFormat FindPacked(ReadOnlySpan<byte> head, string name)
    {
        // The entry "mimetype" comes first and is not compressed, in e-books and OpenDocument alike.
        if (head.Length > 38 && BinaryPrimitives.ReadUInt16LittleEndian(head[26..]) == 8 && head[30..].StartsWith("mimetype"u8))
        {
            var type = head[38..Math.Min(head.Length, 38 + 100)];
            if (type.StartsWith("application/epub+zip"u8))
            {
                return FileFormat.Epub;
            }

            if (type.StartsWith("application/vnd.oasis.opendocument"u8))
            {
                return FileFormat.Unread(
                    "application/vnd.oasis.opendocument", "OpenDocument file", "save it as .docx, .xlsx, .pptx or .pdf");
            }
        }

        foreach (var (folder, format) in (ReadOnlySpan<(string, FileFormat)>)
            [("word/", FileFormat.Word), ("xl/", FileFormat.Spreadsheet), ("ppt/", FileFormat.Presentation)])
        {
            if (HasEntry(head, folder))
            {
                return format;
            }
        }

        // An office file whose own folder begins behind the head: only then does the name decide.
        var isOffice = HasEntry(head, "[Content_Types].xml") || HasEntry(head, "_rels/");
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".docx" or ".docm" when isOffice => FileFormat.Word,
            ".xlsx" or ".xlsm" when isOffice => FileFormat.Spreadsheet,
            ".pptx" or ".pptm" when isOffice => FileFormat.Presentation,
            ".epub" when HasEntry(head, "META-INF/container.xml") => FileFormat.Epub,
            _ => FileFormat.Zip,
        };
    }

    /// <summary>Whether an entry begins with a name: local headers have it 30 bytes behind their signature.</summary>
    static bool HasEntry(ReadOnlySpan<byte> head, string name)
    {
        var wanted = Encoding.ASCII.GetBytes(name);
        for (var rest = head; rest.IndexOf("PK\u0003\u0004"u8) is >= 0 and var at;)
        {
            rest = rest[at..];
            if (rest.Length > 30 && rest[30..].StartsWith(wanted))
            {
                return true;
            }

            rest = rest[4..];
        }

        return false;
    }

    static bool Matches(ReadOnlySpan<byte> bytes, string magic)
    {
        for (var i = 0; i < magic.Length; i++)
        {
            if (bytes[i] != magic[i])
            {
                return false;
            }
        }

        return true;
    }

    static FileFormat Media(string mediaType, string description) => FileFormat.Unread(mediaType, description, Peripherals);

    static FileFormat Packed(string mediaType, string description) =>
        FileFormat.Unread(mediaType, description, "unpack it, or pack it as .zip");
}
