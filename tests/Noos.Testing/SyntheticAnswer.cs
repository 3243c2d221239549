using System.Globalization;
using System.Text;

namespace Noos.Testing;

/// <summary>What a synthetic web answers.</summary>
sealed record SyntheticAnswer(int Status)
{
    const int ChunkBytes = 700;

    /// <summary>Lines, each with its end.</summary>
    public string Headers { get; init; } = "";

    public byte[] Body { get; init; } = [];

    public TimeSpan Delay { get; init; }

    /// <summary>The connection ends in the middle.</summary>
    public bool IsCut { get; init; }

    public bool IsChunked { get; init; }

    /// <summary>Seconds.</summary>
    public double RetryAfter { get; init; }

    public static SyntheticAnswer Text(string text, string type) => new(200)
    {
        Headers = $"Content-Type: {type}\r\n",
        Body = Encoding.UTF8.GetBytes(text),
    };

    public static SyntheticAnswer Redirect(string location, int status) => new(status) { Headers = $"Location: {location}\r\n" };

    public byte[] ToBytes()
    {
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {Status} Synthetic\r\n").Append(Headers);
        var isEmpty = Status is 304 or 204;
        head.Append(isEmpty ? "\r\n"
            : IsChunked ? "Transfer-Encoding: chunked\r\n\r\n"
            : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n\r\n"));
        using var bytes = new MemoryStream();
        bytes.Write(Encoding.Latin1.GetBytes(head.ToString()));
        if (isEmpty)
        {
            return bytes.ToArray();
        }

        if (!IsChunked)
        {
            bytes.Write(Body);
            return bytes.ToArray();
        }

        for (var at = 0; at < Body.Length; at += ChunkBytes)
        {
            var count = Math.Min(ChunkBytes, Body.Length - at);
            bytes.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{count:x}\r\n")));
            bytes.Write(Body, at, count);
            bytes.Write("\r\n"u8);
        }

        bytes.Write("0\r\n\r\n"u8);
        return bytes.ToArray();
    }
}
