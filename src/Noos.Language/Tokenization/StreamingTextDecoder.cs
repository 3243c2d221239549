using System.Text;

namespace Noos.Language.Tokenization;

/// <summary>
/// Turns tokens into text as they come, never half a character: bytes of an unfinished UTF-8 sequence wait for the next token.
/// Not thread-safe.
/// </summary>
public sealed class StreamingTextDecoder(Tokenizer tokenizer)
{
    readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>
    /// The text that <paramref name="token"/> completes; often empty inside a multi-byte character. Bytes that cannot
    /// be UTF-8 become U+FFFD.
    /// </summary>
    public string Push(int token) => Convert(tokenizer.BytesOf(token), flush: false);

    /// <summary>Ends the text: U+FFFD for an unfinished character, otherwise empty. The decoder can be used again.</summary>
    public string Flush() => Convert([], flush: true);

    string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        var characters = new char[_decoder.GetCharCount(bytes, flush)];
        return new string(characters, 0, _decoder.GetChars(bytes, characters, flush));
    }
}
