using System.Buffers;
using Noos.Core;
using Noos.Corpus.Cleaning.Pages;
using Noos.Corpus.Reading;
using ZstdSharp;

namespace Noos.Corpus.Cleaning;

/// <summary>The pages of a range: lines of JSON, compressed with Zstandard. One page is in memory at a time.</summary>
static class PageFile
{
    // Text compresses little better above it, and at a tenth of the speed.
    const int CompressionLevel = 3;

    // A page is at most eight megabytes of text, and JSON may escape every character.
    const int MaxLineBytes = 128 << 20;

    public static void Write(Stream stream, IEnumerable<PageRecord> pages)
    {
        using var packed = new CompressionStream(stream, CompressionLevel, leaveOpen: true);
        var line = new ArrayBufferWriter<byte>(1 << 16);
        foreach (var page in pages)
        {
            line.ResetWrittenCount();
            page.WriteTo(line);
            packed.Write(line.WrittenSpan);
        }
    }

    public static IEnumerable<PageRecord> Read(string path)
    {
        using var content = CompressedFile.OpenRead(path);
        var buffer = new byte[1 << 16];
        var (start, end) = (0, 0);
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                yield return PageRecord.Parse(buffer.AsMemory(start, length));
                start += length + 1;
                continue;
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end == buffer.Length)
            {
                if (buffer.Length >= MaxLineBytes)
                {
                    throw Damaged(path, null);
                }

                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var count = Fill(content, buffer.AsSpan(end), path);
            if (count == 0)
            {
                yield break;
            }

            end += count;
        }
    }

    static int Fill(Stream content, Span<byte> buffer, string path)
    {
        try
        {
            return content.Read(buffer);
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException)
        {
            throw Damaged(path, e);
        }
    }

    static NoosException Damaged(string path, Exception? reason)
    {
        var sentence = $"The pages '{path}' are damaged; remove manifests/extract and clean again.";
        return reason is null ? new NoosException(ErrorKind.Damaged, sentence) : new NoosException(ErrorKind.Damaged, sentence, reason);
    }
}
