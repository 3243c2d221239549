using System.Globalization;
using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Corpus.Addresses;

namespace Noos.Corpus.Archive;

/// <summary>A line of a capture index (CDXJ): where the capture of an address at a time lies, as pywb writes and reads it.</summary>
/// <param name="Key">The address to sort by; see <see cref="SurtKey"/>.</param>
/// <param name="Timestamp">Of the capture: 14 digits.</param>
/// <param name="Url">The address.</param>
public sealed record CdxjEntry(string Key, string Timestamp, string Url)
{
    /// <summary>The media type; <c>warc/revisit</c> where the content lies elsewhere.</summary>
    public string? Mime { get; init; }

    public string? Status { get; init; }

    /// <summary>Of the body, in Base32 without the name of the algorithm.</summary>
    public string? Digest { get; init; }

    public long Length { get; init; }

    public long Offset { get; init; }

    public string FileName { get; init; } = "";

    /// <summary>The line of a record; null where it is no capture.</summary>
    public static CdxjEntry? From(WarcRecord record, string fileName)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Type is not (WarcTypes.Response or WarcTypes.Revisit or WarcTypes.Resource)
            || record.TargetUri is not { Length: > 0 } url || record.Offset < 0)
        {
            return null;
        }

        var http = record.Http;
        return new CdxjEntry(SurtKey.From(url), Timestamp14(record), url)
        {
            Mime = record.Type == WarcTypes.Revisit ? "warc/revisit"
                : http is null ? record.Headers["Content-Type"] : http.MediaType ?? "unk",
            Status = record.Type == WarcTypes.Response && http is { Status: > 0 } ? Invariant(http.Status) : null,
            Digest = DigestOf(record, http),
            Length = record.Length,
            Offset = record.Offset,
            FileName = fileName,
        };
    }

    /// <summary>Reads a line.</summary>
    /// <exception cref="NoosException">It is none.</exception>
    public static CdxjEntry Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        try
        {
            if (line.Split(' ', 3) is [var key, var timestamp, var json])
            {
                using var document = JsonDocument.Parse(json);
                var root = document.RootElement;
                return new CdxjEntry(key, timestamp, Text("url") ?? "")
                {
                    Mime = Text("mime"),
                    Status = Text("status"),
                    Digest = Text("digest"),
                    Length = Number("length"),
                    Offset = Number("offset"),
                    FileName = Text("filename") ?? "",
                };

                string? Text(string name) => root.TryGetProperty(name, out var value) ? value.ToString() : null;

                long Number(string name) =>
                    long.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw NoLine(line, e);
        }

        throw NoLine(line, null);
    }

    /// <summary>The line, without its end.</summary>
    public override string ToString()
    {
        var line = new StringBuilder(Key).Append(' ').Append(Timestamp).Append(" {");
        Append(line, "url", Url);
        Append(line, "mime", Mime);
        Append(line, "status", Status);
        Append(line, "digest", Digest);
        Append(line, "length", Invariant(Length));
        Append(line, "offset", Invariant(Offset));
        Append(line, "filename", FileName);
        return line.Append('}').ToString();
    }

    static NoosException NoLine(string line, Exception? inner)
    {
        var sentence = $"'{line[..Math.Min(line.Length, 60)]}' is no line of a CDXJ index: key, time and JSON are wanted.";
        return inner is null ? new NoosException(ErrorKind.Damaged, sentence) : new NoosException(ErrorKind.Damaged, sentence, inner);
    }

    static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);

    static string Timestamp14(WarcRecord record) =>
        record.Date?.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture) ?? "00000000000000";

    static string? DigestOf(WarcRecord record, HttpMessage? http)
    {
        var digest = record.Headers["WARC-Payload-Digest"];
        return digest is null
            ? record.IsCut ? null : Base32(WarcDigest.Compute((http?.Body ?? record.Content).Span))
            : Base32(digest);

        static string Base32(string text) => text.StartsWith("sha1:", StringComparison.OrdinalIgnoreCase) ? text[5..] : text;
    }

    /// <summary>As Python's json.dumps writes it, which all others do here: what is not ASCII is escaped.</summary>
    static void Append(StringBuilder line, string name, string? value)
    {
        if (value is null)
        {
            return;
        }

        line.Append(line[^1] == '{' ? "\"" : ", \"").Append(name).Append("\": \"");
        foreach (var letter in value)
        {
            switch (letter)
            {
                case '"' or '\\':
                    line.Append('\\').Append(letter);
                    break;
                case '\n':
                    line.Append("\\n");
                    break;
                case '\r':
                    line.Append("\\r");
                    break;
                case '\t':
                    line.Append("\\t");
                    break;
                case < ' ' or > '~' and not '\u007f':
                    line.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
                    break;
                default:
                    line.Append(letter);
                    break;
            }
        }

        line.Append('"');
    }
}
