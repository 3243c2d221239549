namespace Noos.Inference.Transformer;

/// <summary>One token of a batch.</summary>
/// <param name="Token">Which.</param>
/// <param name="Position">Where in its sequence.</param>
/// <param name="Cache">The sequence's keys and values, with room for the position.</param>
/// <param name="WantsLogits">The scores of the next token are asked for.</param>
readonly record struct BatchToken(int Token, int Position, KeyValueCache Cache, bool WantsLogits);
