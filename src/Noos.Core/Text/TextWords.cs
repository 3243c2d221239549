using System.Globalization;
using System.Text;

namespace Noos.Core.Text;

/// <summary>
/// Cuts text into words and marks: runs of letters, digits and what joins them; every other character that is no space is a word of its
/// own, and so is a run of one mark. In scripts that are written without spaces each letter is a word.
/// </summary>
public static class TextWords
{
    /// <summary>The ranges of words in a text.</summary>
    public static List<Range> Split(ReadOnlySpan<char> text)
    {
        var words = new List<Range>((text.Length / 5) + 4);
        for (var at = 0; at < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text[at..], out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                at += length;
                continue;
            }

            if (Rune.IsWhiteSpace(rune))
            {
                at += length;
                continue;
            }

            var start = at;
            at += length;
            if (IsWordPart(rune) && !IsUnspaced(rune))
            {
                at = FindEnd(text, at);
            }
            else if (!IsWordPart(rune))
            {
                // "..." is one mark.
                while (at < text.Length && text[at] == text[start] && length == 1)
                {
                    at++;
                }
            }

            words.Add(start..at);
        }

        return words;
    }

    /// <summary>Whether a word has a letter or digit.</summary>
    public static bool IsWord(ReadOnlySpan<char> word) =>
        Rune.DecodeFromUtf16(word, out var rune, out _) == System.Buffers.OperationStatus.Done && IsWordPart(rune);

    static int FindEnd(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && Rune.DecodeFromUtf16(text[at..], out var rune, out var length) == System.Buffers.OperationStatus.Done)
        {
            if (IsWordPart(rune) ? IsUnspaced(rune) : !Joins(rune, text, at + length))
            {
                break;
            }

            at += length;
        }

        return at;
    }

    /// <summary>don't, 3.5, well-known: a mark between two letters.</summary>
    static bool Joins(Rune rune, ReadOnlySpan<char> text, int next) =>
        rune.Value is '\'' or '’' or '-' or '.' or ',' or '_' or ':'
        && next < text.Length && (rune.Value is '.' or ',' or ':' ? char.IsAsciiDigit(text[next]) : char.IsLetterOrDigit(text[next]));

    static bool IsWordPart(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark
        or UnicodeCategory.SpacingCombiningMark;

    /// <summary>Han, kana, Thai, Lao, Khmer, Burmese, Tibetan.</summary>
    public static bool IsUnspaced(Rune rune) => rune.Value is (>= 0x2E80 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF)
        or (>= 0x20000 and <= 0x3FFFF) or (>= 0x0E00 and <= 0x0EFF) or (>= 0x0F00 and <= 0x109F) or (>= 0x1780 and <= 0x17FF);
}
