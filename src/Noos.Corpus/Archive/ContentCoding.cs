using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;
using ZstdSharp;

namespace Noos.Corpus.Archive;

/// <summary>How bodies are packed on their way: gzip, deflate, Brotli, Zstandard, one after the other, and in chunks.</summary>
public static class ContentCoding
{
    /// <summary>What a client may be sent: the value of Accept-Encoding.</summary>
    public const string Accepted = "gzip, br, zstd";

    const int MaxInnerBytes = 16 << 20;

    /// <summary>Unpacks a body as far as it can be; what is not packed as it says is left as it is.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="encoding">The value of Content-Encoding; null without one.</param>
    /// <param name="maxBytes">Longest result; the rest is left out.</param>
    public static byte[] Decode(ReadOnlyMemory<byte> body, string? encoding, int maxBytes)
    {
        var names = (encoding ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        for (var i = names.Length - 1; i >= 0; i--)
        {
            // What is packed again inside may be longer than what is wanted of it.
            body = Decode(names[i].ToLowerInvariant(), body, i == 0 ? maxBytes : Math.Max(maxBytes, MaxInnerBytes));
        }

        return body.Length > maxBytes ? body[..maxBytes].ToArray() : body.ToArray();
    }

    /// <summary>Removes the frame of chunks; what is not in chunks is left as it is.</summary>
    public static ReadOnlyMemory<byte> Dechunk(ReadOnlyMemory<byte> body)
    {
        var result = new ArrayBufferWriter<byte>(Math.Max(16, body.Length));
        var span = body.Span;
        while (true)
        {
            var end = span[..Math.Min(span.Length, 1024)].IndexOf((byte)'\n');
            if (end < 0 || !TryReadLength(span[..end], out var length))
            {
                // Many archives keep the header but not the chunks.
                return result.WrittenCount == 0 ? body : result.WrittenMemory;
            }

            span = span[(end + 1)..];
            if (length == 0)
            {
                return result.WrittenMemory;
            }

            var chunk = span[..(int)Math.Min(length, span.Length)];
            result.Write(chunk);
            span = span[chunk.Length..].TrimStart("\r\n"u8);
        }
    }

    static bool TryReadLength(ReadOnlySpan<byte> line, out long length)
    {
        length = 0;
        var digits = 0;
        foreach (var letter in line)
        {
            var digit = char.IsAsciiHexDigit((char)letter) ? Convert.ToInt32(((char)letter).ToString(), 16) : -1;
            if (digit < 0)
            {
                return digits > 0 && letter is (byte)'\r' or (byte)';' or (byte)' ';
            }

            length = (length << 4) | (uint)digit;
            if (++digits > 12)
            {
                return false;
            }
        }

        return digits > 0;
    }

    static ReadOnlyMemory<byte> Decode(string name, ReadOnlyMemory<byte> body, int maxBytes)
    {
        var span = body.Span;
        return name switch
        {
            // Servers say gzip of what is not packed at all.
            "gzip" or "x-gzip" when span.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) =>
                Read(body, maxBytes, stream => new GZipStream(stream, CompressionMode.Decompress)),
            // The standard means zlib; some send what is inside alone.
            "deflate" when span.Length > 2 && (span[0] & 15) == 8 && ((span[0] << 8) | span[1]) % 31 == 0 =>
                Read(body, maxBytes, stream => new ZLibStream(stream, CompressionMode.Decompress)),
            "deflate" => Read(body, maxBytes, stream => new DeflateStream(stream, CompressionMode.Decompress)),
            "br" => Read(body, maxBytes, stream => new BrotliStream(stream, CompressionMode.Decompress)),
            "zstd" => Read(body, maxBytes, stream => new DecompressionStream(stream)),
            _ => body,
        };
    }

    static ReadOnlyMemory<byte> Read(ReadOnlyMemory<byte> body, int maxBytes, Func<Stream, Stream> open)
    {
        var result = new ArrayBufferWriter<byte>(Math.Max(256, Math.Min(maxBytes, 4 * body.Length)));
        try
        {
            var array = MemoryMarshal.TryGetArray(body, out var segment) ? segment : new ArraySegment<byte>(body.ToArray());
            using var stream = open(new MemoryStream(array.Array!, array.Offset, array.Count, writable: false));
            while (result.WrittenCount < maxBytes)
            {
                var room = result.GetSpan(8 << 10);
                var count = stream.Read(room[..Math.Min(room.Length, maxBytes - result.WrittenCount)]);
                if (count == 0)
                {
                    break;
                }

                result.Advance(count);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ZstdException or InvalidOperationException)
        {
            // What came before the damage is read, as browsers do.
        }

        return result.WrittenMemory;
    }
}
