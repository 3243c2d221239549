using System.Globalization;
using System.Text;

namespace Noos.Language.Tokenization.Splitting;

/// <summary>
/// The few kinds of characters that pre-tokenizers tell apart. A byte that is not part of valid UTF-8 counts as one symbol that is
/// neither letter, number nor space, so any bytes can be split.
/// </summary>
sealed class CharacterKinds
{
    public const byte Other = 0;
    public const byte Letter = 1;
    public const byte Number = 2;
    public const byte Space = 3;
    public const byte NewLine = 4;

    /// <summary>Combining marks are <see cref="Other"/>.</summary>
    public static readonly CharacterKinds Plain = new(Other);

    /// <summary>Combining marks are letters.</summary>
    public static readonly CharacterKinds WithMarks = new(Letter);

    // One byte per code point of the basic plane: most text is decided by one load.
    readonly byte[] _basic = new byte[0x10000];
    readonly byte _mark;

    CharacterKinds(byte mark)
    {
        _mark = mark;
        for (var value = 0; value < _basic.Length; value++)
        {
            if (Rune.TryCreate(value, out var rune))
            {
                _basic[value] = KindOf(rune);
            }
        }
    }

    /// <summary>The kind of the character that begins at a position, and its bytes.</summary>
    public byte KindAt(ReadOnlySpan<byte> text, int position, out int length)
    {
        var value = text[position];
        if (value < 0x80)
        {
            length = 1;
            return _basic[value];
        }

        return KindAtMultiByte(text, position, out length);
    }

    /// <summary>The first position from <paramref name="position"/> on that is not of the kind.</summary>
    public int Skip(byte kind, ReadOnlySpan<byte> text, int position)
    {
        var basic = _basic;
        while ((uint)position < (uint)text.Length)
        {
            var length = 1;
            var value = text[position];
            if ((value < 0x80 ? basic[value] : KindAtMultiByte(text, position, out length)) != kind)
            {
                break;
            }

            position += length;
        }

        return position;
    }

    /// <summary><c>\s*[\r\n]+|\s+(?!\S)|\s+</c> from a space on.</summary>
    public int SkipSpaces(ReadOnlySpan<byte> text, int start)
    {
        var position = start;
        var last = start;
        var afterNewLine = -1;
        while (position < text.Length && KindAt(text, position, out var length) is var kind and >= Space)
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

    byte KindAtMultiByte(ReadOnlySpan<byte> text, int position, out int length)
    {
        if (Rune.DecodeFromUtf8(text[position..], out var rune, out length) != System.Buffers.OperationStatus.Done)
        {
            length = 1;
            return Other;
        }

        return rune.IsBmp ? _basic[rune.Value] : KindOf(rune);
    }

    byte KindOf(Rune rune)
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
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => _mark,
            _ => Other,
        };
    }
}
