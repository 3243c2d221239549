namespace Noos.Language.Tokenization.Splitting;

/// <summary>
/// The rule of GPT-2, written by hand: <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>. Many
/// vocabularies first cut out every digit, and apply it to what lies between.
/// </summary>
readonly struct Gpt2Splitter<TRule> : ISplitter<Gpt2Splitter<TRule>>
    where TRule : struct, IGpt2Rule
{
    static readonly CharacterKinds s_kinds = CharacterKinds.Plain;

    public Gpt2Splitter<TRule> For(ReadOnlySpan<byte> text) => this;

    public int End(ReadOnlySpan<byte> text, int start)
    {
        var first = text[start];
        if (first == (byte)'\'' && Contraction.Length(text[start..], caseBit: 0) is var contraction and > 0)
        {
            return start + contraction;
        }

        var kinds = s_kinds;
        var kind = kinds.KindAt(text, start, out var length);
        if (kind < CharacterKinds.Space)
        {
            return SkipWord(kind, text, start + length);
        }

        if (first == (byte)' '
            && start + 1 < text.Length
            && kinds.KindAt(text, start + 1, out length) is var following and < CharacterKinds.Space
            && !(TRule.CutsOutDigits && following == CharacterKinds.Number))
        {
            return SkipWord(following, text, start + 1 + length);
        }

        return SkipSpaces(text, start);
    }

    static int SkipWord(byte kind, ReadOnlySpan<byte> text, int position) =>
        TRule.CutsOutDigits && kind == CharacterKinds.Number ? position : s_kinds.Skip(kind, text, position);

    static int SkipSpaces(ReadOnlySpan<byte> text, int start)
    {
        var position = start;
        var last = start;
        byte kind = CharacterKinds.Number;
        while (position < text.Length && (kind = s_kinds.KindAt(text, position, out var length)) >= CharacterKinds.Space)
        {
            last = position;
            position += length;
        }

        // The last space of a run belongs to what follows, unless nothing follows or it is the only one; a digit that
        // was cut out is the end.
        var isAtEnd = position == text.Length || (TRule.CutsOutDigits && kind == CharacterKinds.Number);
        return isAtEnd || last == start ? position : last;
    }
}

interface IGpt2Rule
{
    static abstract bool CutsOutDigits { get; }
}

readonly struct Gpt2Rule : IGpt2Rule
{
    public static bool CutsOutDigits => false;
}

readonly struct DigitsFirstRule : IGpt2Rule
{
    public static bool CutsOutDigits => true;
}
