namespace Noos.Language.Tokenization.Splitting;

/// <summary>
/// The rule of OpenAI's o200k and of Mistral's Tekken, written by hand in llama.cpp's reading, where only ASCII letters have a case:
/// words are <c>[^\r\n\p{L}\p{N}]?U*L+C?</c> or <c>[^\r\n\p{L}\p{N}]?U+L*C?</c> with U any letter but a-z, L any letter but A-Z and C a
/// contraction; then <c>\p{N}{1,n}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
readonly struct O200kSplitter<TRule> : ISplitter<O200kSplitter<TRule>>
    where TRule : struct, IO200kRule
{
    static readonly CharacterKinds s_kinds = CharacterKinds.Plain;

    public O200kSplitter<TRule> For(ReadOnlySpan<byte> text) => this;

    public int End(ReadOnlySpan<byte> text, int start)
    {
        var kinds = s_kinds;
        var first = text[start];
        var kind = kinds.KindAt(text, start, out var length);
        var next = start + length;
        switch (kind)
        {
            case CharacterKinds.Letter:
                return SkipWord(text, start);
            case CharacterKinds.Number:
                for (var digits = 1;
                    digits < TRule.MaxDigits
                        && next < text.Length
                        && kinds.KindAt(text, next, out length) == CharacterKinds.Number;
                    digits++)
                {
                    next += length;
                }

                return next;
            case CharacterKinds.Other:
                return next < text.Length && kinds.KindAt(text, next, out _) == CharacterKinds.Letter
                    ? SkipWord(text, next)
                    : SkipOthers(text, next);
            case CharacterKinds.Space when next < text.Length:
                var following = kinds.KindAt(text, next, out length);
                if (following == CharacterKinds.Letter)
                {
                    return SkipWord(text, next);
                }

                if (first == (byte)' ' && following == CharacterKinds.Other)
                {
                    return SkipOthers(text, next + length);
                }

                break;
        }

        return kinds.SkipSpaces(text, start);
    }

    static int SkipWord(ReadOnlySpan<byte> text, int position)
    {
        var kinds = s_kinds;
        var afterCaseless = -1;
        while (position < text.Length
            && !char.IsAsciiLetterLower((char)text[position])
            && kinds.KindAt(text, position, out var length) == CharacterKinds.Letter)
        {
            position += length;
            if (length > 1)
            {
                afterCaseless = position;
            }
        }

        if (position < text.Length && char.IsAsciiLetterLower((char)text[position]))
        {
            while (position < text.Length
                && !char.IsAsciiLetterUpper((char)text[position])
                && kinds.KindAt(text, position, out var length) == CharacterKinds.Letter)
            {
                position += length;
            }
        }
        else if (afterCaseless >= 0)
        {
            // The first form of a word needs an L at its end and gives capitals back until it has one.
            position = afterCaseless;
        }

        return TRule.KeepsContractions && position < text.Length && text[position] == (byte)'\''
            ? position + Contraction.Length(text[position..], caseBit: 0x20)
            : position;
    }

    static int SkipOthers(ReadOnlySpan<byte> text, int position)
    {
        position = s_kinds.Skip(CharacterKinds.Other, text, position);
        while (position < text.Length && text[position] is (byte)'\r' or (byte)'\n' or (byte)'/')
        {
            position++;
        }

        return position;
    }
}

interface IO200kRule
{
    /// <summary>Digits of a number in one piece, at most.</summary>
    static abstract int MaxDigits { get; }

    /// <summary>A contraction stays with its word.</summary>
    static abstract bool KeepsContractions { get; }
}

readonly struct Gpt4oRule : IO200kRule
{
    public static int MaxDigits => 3;

    public static bool KeepsContractions => true;
}

readonly struct TekkenRule : IO200kRule
{
    public static int MaxDigits => 1;

    public static bool KeepsContractions => false;
}
