using System.Text;
using System.Text.Unicode;

namespace Noos.Corpus.Reading;

/// <summary>Finds the encoding of a text that does not say it.</summary>
public static class TextDecoding
{
    static readonly Encoding s_western = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>
    /// The encoding: that of a byte order mark, else UTF-8 if it is, else UTF-16 if every other byte is zero, else Windows-1252.
    /// </summary>
    /// <param name="head">The beginning of the text.</param>
    /// <param name="isWhole">There is no more of it; else the last character may be cut.</param>
    /// <returns>Null where it is no text.</returns>
    public static Encoding? Find(ReadOnlySpan<byte> head, bool isWhole)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            return Encoding.UTF8;
        }

        // Before UTF-16, whose mark is the beginning of this one.
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0]) && head.Length % 4 == 0)
        {
            return Encoding.UTF32;
        }

        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
        {
            return Encoding.Unicode;
        }

        if (head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            return Encoding.BigEndianUnicode;
        }

        var zeros = head.Count((byte)0);
        if (zeros > 0)
        {
            return FindWide(head, zeros);
        }

        if (Utf8.IsValid(isWhole ? head : WithoutCutCharacter(head)))
        {
            return CountControls(head) > head.Length / 50 ? null : Encoding.UTF8;
        }

        return CountControls(head) > 0 ? null : s_western;
    }

    /// <summary>A reader of a text.</summary>
    /// <param name="content">From its beginning, which is decoded too; stays the caller's.</param>
    public static StreamReader Open(Stream content)
    {
        ArgumentNullException.ThrowIfNull(content);
        var head = new byte[1 << 16];
        var length = content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var encoding = Find(head.AsSpan(0, length), length < head.Length) ?? Encoding.UTF8;
        Stream whole = content;
        if (content.CanSeek)
        {
            content.Seek(-length, SeekOrigin.Current);
        }
        else
        {
            whole = new PrefixedStream(head.AsMemory(0, length), content);
        }

        return new StreamReader(whole, encoding, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16, leaveOpen: true);
    }

    static Encoding? FindWide(ReadOnlySpan<byte> head, int zeros)
    {
        var odd = 0;
        for (var i = 1; i < head.Length; i += 2)
        {
            odd += head[i] == 0 ? 1 : 0;
        }

        // Latin text in UTF-16: nearly all high bytes are zero and no low ones.
        return zeros < head.Length * 2 / 5 ? null
            : odd > zeros * 9 / 10 ? Encoding.Unicode
            : odd < zeros / 10 ? Encoding.BigEndianUnicode
            : null;
    }

    /// <summary>Control characters that texts do not have.</summary>
    static int CountControls(ReadOnlySpan<byte> head)
    {
        var count = 0;
        foreach (var value in head)
        {
            count += value is < 7 or (> 13 and < 27) or (> 27 and < 32) or 127 ? 1 : 0;
        }

        return count;
    }

    static ReadOnlySpan<byte> WithoutCutCharacter(ReadOnlySpan<byte> head)
    {
        // A character has at most three bytes behind its first.
        for (var back = 1; back <= 3 && back <= head.Length; back++)
        {
            if (head[^back] >= 0xC0)
            {
                return head[..^back];
            }

            if (head[^back] < 0x80)
            {
                break;
            }
        }

        return head;
    }
}
