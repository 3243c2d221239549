namespace Noos.Inference.Transformer;

/// <summary>One token of a batch.</summary>
/// <param name="Token">Which.</param>
/// <param name="Position">Where in its sequence.</param>
/// <param name="Cache">The sequence's keys and values, with room for the position.</param>
/// <param name="Output">What is asked for.</param>
readonly record struct BatchToken(int Token, int Position, KeyValueCache Cache, TokenOutput Output);

/// <summary>What is asked for of a token.</summary>
enum TokenOutput
{
    /// <summary>Only its keys and values.</summary>
    None,

    /// <summary>The scores of the next token: [vocabulary].</summary>
    Scores,

    /// <summary>Its last hidden state, after the output norm: [embedding length].</summary>
    State,
}
