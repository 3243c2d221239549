using Noos.Inference.PrefixCache;

namespace Noos.Inference.Transformer;

/// <summary>One token of a batch.</summary>
/// <param name="Token">Its id.</param>
/// <param name="Position">Its position in its sequence.</param>
/// <param name="Cache">The sequence's keys and values, with a page reserved for the position.</param>
/// <param name="Output">Which output it produces.</param>
readonly record struct BatchToken(int Token, int Position, KeyValueCache Cache, TokenOutput Output);
