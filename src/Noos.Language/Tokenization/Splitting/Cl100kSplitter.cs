namespace Noos.Language.Tokenization.Splitting;

/// <summary>
/// The rule of OpenAI's cl100k and its relatives, written by hand:
/// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,n}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
readonly struct Cl100kSplitter<TRule> : ISplitter<Cl100kSplitter<TRule>>
    where TRule : struct, ICl100kRule
{
    static readonly CharacterKinds s_kinds = TRule.MarksAreLetters ? CharacterKinds.WithMarks : CharacterKinds.Plain;

    public Cl100kSplitter<TRule> For(ReadOnlySpan<byte> text) => this;

    public int End(ReadOnlySpan<byte> text, int start)
    {
        var first = text[start];
        if (first == (byte)'\'' && Contraction.Length(text[start..], caseBit: 0x20) is var contraction and > 0)
        {
            return start + contraction;
        }

        var kinds = s_kinds;
        var kind = kinds.KindAt(text, start, out var length);
        var next = start + length;
        switch (kind)
        {
            case CharacterKinds.Letter:
                return kinds.Skip(CharacterKinds.Letter, text, next);
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
                return next < text.Length && kinds.KindAt(text, next, out length) == CharacterKinds.Letter
                    ? kinds.Skip(CharacterKinds.Letter, text, next + length)
                    : SkipOthers(text, next);
            case CharacterKinds.Space when next < text.Length:
                var following = kinds.KindAt(text, next, out length);
                if (following == CharacterKinds.Letter)
                {
                    return kinds.Skip(CharacterKinds.Letter, text, next + length);
                }

                if (first == (byte)' ' && following == CharacterKinds.Other)
                {
                    return SkipOthers(text, next + length);
                }

                break;
        }

        return kinds.SkipSpaces(text, start);
    }

    static int SkipOthers(ReadOnlySpan<byte> text, int position)
    {
        position = s_kinds.Skip(CharacterKinds.Other, text, position);
        while (position < text.Length && text[position] is (byte)'\r' or (byte)'\n')
        {
            position++;
        }

        return position;
    }
}

/// <summary>The parameters in which the relatives of cl100k differ; types, so that each gets its own compiled code.</summary>
interface ICl100kRule
{
    static abstract bool MarksAreLetters { get; }

    /// <summary>Digits of a number in one piece, at most.</summary>
    static abstract int MaxDigits { get; }
}

readonly struct Qwen2Rule : ICl100kRule
{
    public static bool MarksAreLetters => false;

    public static int MaxDigits => 1;
}

readonly struct Qwen35Rule : ICl100kRule
{
    public static bool MarksAreLetters => true;

    public static int MaxDigits => 1;
}

readonly struct Llama3Rule : ICl100kRule
{
    public static bool MarksAreLetters => false;

    public static int MaxDigits => 3;
}
