namespace Noos.Language.Tokenization.Splitting;

/// <summary>
/// Cuts before a run of spaces, for vocabularies whose merges run over the whole text. That changes no result, because no token of
/// theirs holds a space after the byte before the cut; where one does, the text is not cut there.
/// </summary>
/// <param name="joins">[256] Which bytes stand before a space in some token.</param>
/// <param name="cutsLines">Runs of line ends are pieces of their own, as the rule of Gemma 4 demands.</param>
readonly struct SpaceSplitter(bool[] joins, bool cutsLines) : ISplitter<SpaceSplitter>
{
    public SpaceSplitter For(ReadOnlySpan<byte> text) => this;

    public int End(ReadOnlySpan<byte> text, int start)
    {
        if (cutsLines && text[start] == (byte)'\n')
        {
            var length = text[start..].IndexOfAnyExcept((byte)'\n');
            return length < 0 ? text.Length : start + length;
        }

        for (var position = start + 1; position < text.Length; position++)
        {
            if ((text[position] == (byte)' ' && text[position - 1] != (byte)' ' && !joins[text[position - 1]])
                || (cutsLines && text[position] == (byte)'\n'))
            {
                return position;
            }
        }

        return text.Length;
    }
}
