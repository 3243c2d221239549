using System.Buffers;

namespace Noos.Language.Tokenization.Merging;

/// <summary>
/// SentencePiece's normalization of white space (<c>escape_whitespaces</c>; "Metaspace" in Hugging Face's tokenizers). Its vocabularies
/// write a space as ▁, U+2581; here tokens hold the space itself, so a ▁ in the text is made a space, which is what it is to them.
/// </summary>
sealed class MetaspaceEncoder(TextEncoder inner) : TextEncoder
{
    public static ReadOnlySpan<byte> Mark => "\u2581"u8;

    public override void Encode(ReadOnlySpan<byte> text, List<int> output)
    {
        if (text.IndexOf(Mark) < 0)
        {
            inner.Encode(text, output);
            return;
        }

        // One byte for three: the text never becomes longer.
        var buffer = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            inner.Encode(buffer.AsSpan(0, ReplaceMarks(text, buffer)), output);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Copies a text with a space for each mark; returns its length.</summary>
    public static int ReplaceMarks(ReadOnlySpan<byte> text, Span<byte> output)
    {
        var length = 0;
        while (text.IndexOf(Mark) is var mark and >= 0)
        {
            text[..mark].CopyTo(output[length..]);
            output[length + mark] = (byte)' ';
            length += mark + 1;
            text = text[(mark + Mark.Length)..];
        }

        text.CopyTo(output[length..]);
        return length + text.Length;
    }
}
