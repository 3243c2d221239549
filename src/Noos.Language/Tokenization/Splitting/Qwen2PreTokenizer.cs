namespace Noos.Language.Tokenization.Splitting;

/// <summary>
/// Splits UTF-8 text into the pieces that byte-pair merges never cross: the <c>qwen2</c> pre-tokenizer, that of our own vocabularies.
/// A byte that is not part of valid UTF-8 counts as one symbol that is neither letter, number nor space, so any bytes can be split.
/// </summary>
public static class Qwen2PreTokenizer
{
    /// <summary>The regular expression that <see cref="End"/> is equal to.</summary>
    public const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>
    /// The end (exclusive) of the piece that begins at <paramref name="start"/>; always greater than <paramref name="start"/>.
    /// </summary>
    /// <param name="text">UTF-8 bytes, valid or not.</param>
    /// <param name="start">A position inside <paramref name="text"/> where a piece begins.</param>
    public static int End(ReadOnlySpan<byte> text, int start) => default(Cl100kSplitter<Qwen2Rule>).End(text, start);
}
