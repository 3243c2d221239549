using Noos.Core;

namespace Noos.Inference.Embeddings;

/// <summary>What a text must be so that a vector can be made of it.</summary>
static class EmbeddedText
{
    /// <exception cref="NoosException">The text has no tokens, too many, or one that the model does not know.</exception>
    public static void Check(int[] tokens, string model, int contextLength, int vocabularySize)
    {
        if (tokens.Length < 1 || tokens.Length > contextLength)
        {
            throw new NoosException(
                $"A text for a vector must have between 1 and {contextLength:N0} tokens, not {tokens.Length:N0}; split it.")
            {
                Code = tokens.Length > contextLength ? NoosException.ContextLengthExceeded : null,
            };
        }

        var unknown = Array.FindIndex(tokens, token => (uint)token >= (uint)vocabularySize);
        if (unknown >= 0)
        {
            throw new NoosException(
                $"The token {tokens[unknown]} is not in the vocabulary of '{model}', which ends at {vocabularySize - 1}.");
        }
    }
}
