using System.Globalization;
using System.Text;

namespace Noos.Language.Tokenization;

/// <summary>
/// Splits UTF-8 text into the pieces that byte-pair merges never cross: the <c>qwen2</c> pre-tokenizer of llama.cpp, written by hand.
/// A byte that is not part of valid UTF-8 counts as one symbol that is neither letter, number nor space, so any bytes can be split.
/// </summary>
public static class PreTokenizer
{
    /// <summary>The regular expression that <see cref="End"/> is equal to.</summary>
    public const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    const byte Other = 0;
    const byte Letter = 1;
    const byte Number = 2;
    const byte Space = 3;
    const byte NewLine = 4;

    // One byte a code point of the basic plane: most text is decided by one load.
    static readonly byte[] s_kinds = BuildKinds();

    /// <summary>The end (exclusive) of the piece that begins at <paramref name="start"/>; always greater than <paramref name="start"/>.</summary>
    /// <param name="text">UTF-8 bytes, valid or not.</param>
    /// <param name="start">A position inside <paramref name="text"/> where a piece begins.</param>
    public static int End(ReadOnlySpan<byte> text, int start)
    {
        var first = text[start];
        if (first == (byte)'\'' && ContractionLength(text[start..]) is var contraction and > 0)
        {
            return start + contraction;
        }

        var kind = Classify(text, start, out var length);
        var next = start + length;
        switch (kind)
        {
            case Letter:
                return SkipLetters(text, next);
            case Number:
                return next;
            case Other:
                return next < text.Length && Classify(text, next, out length) == Letter
                    ? SkipLetters(text, next + length)
                    : SkipOthers(text, next);
            case Space when next < text.Length:
                var following = Classify(text, next, out length);
                if (following == Letter)
                {
                    return SkipLetters(text, next + length);
                }

                if (first == (byte)' ' && following == Other)
                {
                    return SkipOthers(text, next + length);
                }

                break;
        }

        return SkipSpaces(text, start);
    }

    static int ContractionLength(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2)
        {
            return 0;
        }

        var second = text[1] | 0x20;
        if (second is 's' or 't' or 'm' or 'd')
        {
            return 2;
        }

        if (text.Length < 3)
        {
            return 0;
        }

        var third = text[2] | 0x20;
        return (second is 'r' or 'v' && third == 'e') || (second == 'l' && third == 'l') ? 3 : 0;
    }

    static int SkipLetters(ReadOnlySpan<byte> text, int position)
    {
        var kinds = s_kinds;
        while ((uint)position < (uint)text.Length)
        {
            var length = 1;
            var value = text[position];
            if ((value < 0x80 ? kinds[value] : ClassifyMultiByte(text, position, out length)) != Letter)
            {
                break;
            }

            position += length;
        }

        return position;
    }

    static int SkipOthers(ReadOnlySpan<byte> text, int position)
    {
        while (position < text.Length && Classify(text, position, out var length) == Other)
        {
            position += length;
        }

        while (position < text.Length && text[position] is (byte)'\r' or (byte)'\n')
        {
            position++;
        }

        return position;
    }

    /// <summary><c>\s*[\r\n]+|\s+(?!\S)|\s+</c> on the whole run of spaces.</summary>
    static int SkipSpaces(ReadOnlySpan<byte> text, int start)
    {
        var position = start;
        var last = start;
        var afterNewLine = -1;
        while (position < text.Length && Classify(text, position, out var length) is var kind and >= Space)
        {
            last = position;
            position += length;
            if (kind == NewLine)
            {
                afterNewLine = position;
            }
        }

        if (afterNewLine >= 0)
        {
            return afterNewLine;
        }

        // The last space of a run belongs to what follows, unless nothing follows or it is the only one.
        return position == text.Length || last == start ? position : last;
    }

    static byte Classify(ReadOnlySpan<byte> text, int position, out int length)
    {
        var value = text[position];
        if (value < 0x80)
        {
            length = 1;
            return s_kinds[value];
        }

        return ClassifyMultiByte(text, position, out length);
    }

    static byte ClassifyMultiByte(ReadOnlySpan<byte> text, int position, out int length)
    {
        if (Rune.DecodeFromUtf8(text[position..], out var rune, out length) != System.Buffers.OperationStatus.Done)
        {
            length = 1;
            return Other;
        }

        return rune.IsBmp ? s_kinds[rune.Value] : KindOf(rune);
    }

    static byte[] BuildKinds()
    {
        var kinds = new byte[0x10000];
        for (var value = 0; value < kinds.Length; value++)
        {
            if (Rune.TryCreate(value, out var rune))
            {
                kinds[value] = KindOf(rune);
            }
        }

        return kinds;
    }

    static byte KindOf(Rune rune)
    {
        if (rune.Value is '\r' or '\n')
        {
            return NewLine;
        }

        if (Rune.IsWhiteSpace(rune))
        {
            return Space;
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Number,
            _ => Other,
        };
    }
}
