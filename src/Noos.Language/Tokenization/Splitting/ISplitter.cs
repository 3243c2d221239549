namespace Noos.Language.Tokenization.Splitting;

/// <summary>
/// The rule that cuts UTF-8 text into the pieces which merges never cross. A structure, so that the encoder is compiled for each rule
/// with its calls inlined.
/// </summary>
interface ISplitter<TSelf>
    where TSelf : struct, ISplitter<TSelf>
{
    /// <summary>The splitter of one text: it is asked once for each piece, in order.</summary>
    TSelf For(ReadOnlySpan<byte> text);

    /// <summary>
    /// The end (exclusive) of the piece that begins at <paramref name="start"/>; always greater than <paramref name="start"/>.
    /// </summary>
    int End(ReadOnlySpan<byte> text, int start);
}
