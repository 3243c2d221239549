namespace Noos.Language.Tokenization.Merging;

/// <summary>Turns text without special tokens into tokens. Thread-safe.</summary>
abstract class TextEncoder
{
    /// <summary>Appends the tokens of any bytes, valid UTF-8 or not.</summary>
    public abstract void Encode(ReadOnlySpan<byte> text, List<int> output);
}
