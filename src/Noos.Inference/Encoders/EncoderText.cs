namespace Noos.Inference.Encoders;

/// <summary>The tokens of a text, or of a pair of texts that is scored.</summary>
/// <param name="Tokens">All of them, those around and between the texts included.</param>
/// <param name="SecondStart">Where the second text begins; the number of tokens where there is none.</param>
public readonly record struct EncoderText(int[] Tokens, int SecondStart);
