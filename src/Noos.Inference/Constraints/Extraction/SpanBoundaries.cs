using System.Globalization;
using System.Text;

namespace Noos.Inference.Constraints.Extraction;

/// <summary>
/// Where a span of a text may begin and end: never within a word or a number, so that no new word or number comes about.
/// </summary>
static class SpanBoundaries
{
    /// <summary>Marks the places in the UTF-8 of a text, counted in bytes.</summary>
    /// <param name="text">Any text; a lone surrogate counts as U+FFFD.</param>
    /// <param name="canBegin">[bytes + 1] a span may begin with the byte.</param>
    /// <param name="canEnd">[bytes + 1] a span may end before the byte.</param>
    public static void Mark(string text, Span<bool> canBegin, Span<bool> canEnd)
    {
        var runes = text.EnumerateRunes().ToArray();
        var offset = 0;
        for (var index = 0; index <= runes.Length; index++)
        {
            var isBoundary = index == 0 || index == runes.Length || !Joins(runes, index);
            canBegin[offset] = isBoundary && index < runes.Length && BeginsSpan(runes, index);
            canEnd[offset] = isBoundary && index > 0 && EndsSpan(runes[index - 1]);
            offset += index < runes.Length ? runes[index].Utf8SequenceLength : 0;
        }
    }

    /// <summary>What stands before <paramref name="index"/> and what stands there belong together.</summary>
    static bool Joins(Rune[] runes, int index)
    {
        var (before, after) = (runes[index - 1], runes[index]);
        if (IsWord(before) && IsWord(after))
        {
            return !IsWrittenWithoutSpaces(before) && !IsWrittenWithoutSpaces(after);
        }

        // 20%
        if (Rune.IsDigit(before) && (after.Value is '%' or '\u2030'))
        {
            return true;
        }

        // -5, unless it is the second half of 3-5.
        if (before.Value is '-' or '\u2212' && Rune.IsDigit(after))
        {
            return index < 2 || !IsWord(runes[index - 2]);
        }

        // 3.5, 1,234, 12:30, don't: both sides of the sign.
        return IsInside(runes, index - 1) || IsInside(runes, index);
    }

    static bool IsInside(Rune[] runes, int index)
    {
        if (index == 0 || index + 1 >= runes.Length)
        {
            return false;
        }

        var (before, after) = (runes[index - 1], runes[index + 1]);
        return runes[index].Value switch
        {
            '.' or ',' or ':' => Rune.IsDigit(before) && Rune.IsDigit(after),
            '\'' or '\u2019' => Rune.IsLetter(before) && Rune.IsLetter(after),
            _ => false,
        };
    }

    static bool BeginsSpan(Rune[] runes, int index) => !Rune.IsWhiteSpace(runes[index])
        && (runes[index].Value is not (',' or ';' or ':' or '.' or '!' or '?' or ')' or ']' or '}')
            || (runes[index].Value == '.' && index + 1 < runes.Length && Rune.IsDigit(runes[index + 1])));

    static bool EndsSpan(Rune last) =>
        !Rune.IsWhiteSpace(last) && last.Value is not (',' or ';' or ':' or '(' or '[' or '{' or '-' or '\u2212');

    static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune) || rune.Value == '_'
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark;

    /// <summary>Chinese, Japanese, Thai, Lao, Khmer, Burmese: words are not told by spaces, so that each sign may be one.</summary>
    static bool IsWrittenWithoutSpaces(Rune rune) =>
        rune.Value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF) or (>= 0x2E80 and <= 0x9FFF)
            or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);
}
