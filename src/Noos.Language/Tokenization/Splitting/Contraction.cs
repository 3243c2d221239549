namespace Noos.Language.Tokenization.Splitting;

/// <summary>English contractions, which several pre-tokenizers cut off: 's 't 'm 'd 're 've 'll.</summary>
static class Contraction
{
    /// <summary>Bytes of the contraction at the apostrophe that begins <paramref name="text"/>, 0 without one.</summary>
    /// <param name="text">Begins with an apostrophe.</param>
    /// <param name="caseBit">0x20 when capital letters count too, otherwise 0.</param>
    public static int Length(ReadOnlySpan<byte> text, int caseBit)
    {
        if (text.Length < 2)
        {
            return 0;
        }

        var second = text[1] | caseBit;
        if (second is 's' or 't' or 'm' or 'd')
        {
            return 2;
        }

        if (text.Length < 3)
        {
            return 0;
        }

        var third = text[2] | caseBit;
        return (second is 'r' or 'v' && third == 'e') || (second == 'l' && third == 'l') ? 3 : 0;
    }
}
