using Noos.Core;
using ZstdSharp;

namespace Noos.Corpus.Reading;

/// <summary>Reads the lines of a UTF-8 file one at a time, compressed or not, with a limit on their length.</summary>
public static class Lines
{
    /// <summary>A longer line is a damaged or wrong file rather than a document.</summary>
    public const int MaxLineBytes = 64 << 20;

    /// <summary>The lines without their ends; each is valid until the next is asked for. Empty lines are passed over.</summary>
    /// <returns>Line numbers from 1, and the bytes.</returns>
    /// <exception cref="NoosException">The file cannot be read or a line is too long.</exception>
    public static IEnumerable<(int Number, ReadOnlyMemory<byte> Bytes)> Read(string path)
    {
        using var stream = CompressedFile.OpenRead(path);
        var buffer = new byte[1 << 16];
        var (start, end) = (0, 0);
        var number = 0;
        var atEnd = false;
        while (!atEnd || start < end)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length < 0 && !atEnd)
            {
                if (start > 0)
                {
                    buffer.AsSpan(start, end - start).CopyTo(buffer);
                    (start, end) = (0, end - start);
                }

                if (end == buffer.Length)
                {
                    if (end >= MaxLineBytes)
                    {
                        throw new NoosException($"Line {number + 1} of '{path}' is longer than {MaxLineBytes >> 20} MB; the file is damaged or not a text of lines.");
                    }

                    Array.Resize(ref buffer, buffer.Length * 2);
                }

                var read = ReadSome(stream, buffer.AsSpan(end), path);
                end += read;
                atEnd = read == 0;
                continue;
            }

            if (length < 0)
            {
                length = end - start;
            }

            number++;
            var line = buffer.AsMemory(start, length);
            start = Math.Min(end, start + length + 1);
            if (number == 1 && line.Span.StartsWith("\uFEFF"u8))
            {
                line = line[3..];
            }

            if (line.Length > 0 && line.Span[^1] == (byte)'\r')
            {
                line = line[..^1];
            }

            if (line.Length > 0)
            {
                yield return (number, line);
            }
        }
    }

    static int ReadSome(Stream stream, Span<byte> buffer, string path)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (Exception exception) when (exception is IOException or ZstdException)
        {
            throw new NoosException($"The file '{path}' is damaged or cut off: {exception.Message}", exception);
        }
    }
}
