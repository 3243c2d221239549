using System.Globalization;
using System.Text;

namespace Noos.Corpus.Archive;

/// <summary>An HTTP message as an archive holds it: as it came over the wire, or nearly so.</summary>
/// <param name="StartLine">Of a response with version, status and reason.</param>
/// <param name="Headers">Its fields.</param>
/// <param name="Body">What follows: packed and in chunks, if it came so.</param>
public sealed record HttpMessage(string StartLine, HeaderList Headers, ReadOnlyMemory<byte> Body)
{
    // Longer heads are no heads.
    const int MaxHeadBytes = 1 << 20;

    /// <summary>The status of a response; 0 where it has none.</summary>
    public int Status => StartLine.StartsWith("HTTP/", StringComparison.OrdinalIgnoreCase)
        && StartLine.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var status, ..]
        && int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>The media type without parameters, as it was sent; null without one.</summary>
    public string? MediaType => Headers["Content-Type"]?.Split(';', 2)[0].Trim() is { Length: > 0 } type ? type : null;

    /// <summary>The charset that the server names; null where it names none.</summary>
    public string? Charset
    {
        get
        {
            foreach (var parameter in (Headers["Content-Type"] ?? "").Split(';').AsSpan(1))
            {
                if (parameter.Split('=', 2) is [var name, var value] && name.Trim().Equals("charset", StringComparison.OrdinalIgnoreCase))
                {
                    return value.Trim().Trim('"', '\'');
                }
            }

            return null;
        }
    }

    /// <summary>Reads a message; whatever comes is one, if an empty one.</summary>
    public static HttpMessage Parse(ReadOnlyMemory<byte> content)
    {
        var span = content.Span;
        var end = 0;
        var lines = new List<string>();
        while (end < span.Length && end < MaxHeadBytes)
        {
            var next = span[end..].IndexOf((byte)'\n');
            var line = next < 0 ? span[end..] : span.Slice(end, next);
            end = next < 0 ? span.Length : end + next + 1;
            line = line.TrimEnd((byte)'\r');
            if (line.IsEmpty)
            {
                break;
            }

            lines.Add(Encoding.UTF8.GetString(line));
        }

        return new HttpMessage(lines.Count > 0 ? lines[0] : "", HeaderList.Parse(lines.Skip(1)), content[end..]);
    }

    /// <summary>The body without chunks and unpacked, as far as it can be: what is damaged ends where the damage begins.</summary>
    /// <param name="maxBytes">Longest result; the rest is left out.</param>
    public byte[] DecodeBody(int maxBytes = 64 << 20)
    {
        var body = Body;
        if (Headers["Transfer-Encoding"]?.Contains("chunked", StringComparison.OrdinalIgnoreCase) ?? false)
        {
            body = ContentCoding.Dechunk(body);
        }

        return ContentCoding.Decode(body, Headers["Content-Encoding"], maxBytes);
    }

    /// <summary>The bytes of the message.</summary>
    public byte[] ToBytes()
    {
        var head = new StringBuilder(StartLine).Append("\r\n");
        Headers.AppendTo(head);
        return [.. Encoding.UTF8.GetBytes(head.Append("\r\n").ToString()), .. Body.Span];
    }
}
