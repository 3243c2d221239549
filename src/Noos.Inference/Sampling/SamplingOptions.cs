namespace Noos.Inference;

/// <summary>How the next token is drawn. The defaults are greedy: always the most likely token.</summary>
public sealed record SamplingOptions
{
    /// <summary>Divides the logits before the draw; 0 is greedy.</summary>
    public float Temperature { get; init; }

    /// <summary>Only this many of the most likely tokens stay; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>The fewest most likely tokens whose probabilities reach this sum stay; 1 keeps all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Tokens at least this likely, relative to the most likely one, stay; 0 keeps all.</summary>
    public float MinP { get; init; }

    /// <summary>The same seed gives the same tokens on every machine; null draws a new seed.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Makes the last 64 generated tokens less likely (Keskar et al. 2019); 1 does nothing.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Most tokens to generate.</summary>
    public int MaxTokens { get; init; } = 512;

    /// <summary>
    /// Most tokens that are read on trial where the text repeats itself; 0 for none. The result is the same; it comes sooner where weights are
    /// read from memory and text is often repeated.
    /// </summary>
    public int GuessedTokens { get; init; }

    /// <summary>Throws <see cref="ArgumentException"/> with one clear sentence when a number is out of range.</summary>
    public SamplingOptions Validate()
    {
        Require(Temperature is >= 0 and <= 100, $"The temperature must be between 0 and 100, not {Temperature}.");
        Require(TopK >= 0, $"Top-k must not be negative, but is {TopK}.");
        Require(TopP is >= 0 and <= 1, $"Top-p must be between 0 and 1, not {TopP}.");
        Require(MinP is >= 0 and <= 1, $"Min-p must be between 0 and 1, not {MinP}.");
        Require(RepetitionPenalty is > 0 and <= 100, $"The repetition penalty must be above 0 and at most 100, not {RepetitionPenalty}.");
        Require(GuessedTokens is >= 0 and <= 64, $"The number of guessed tokens must be between 0 and 64, not {GuessedTokens}.");
        Require(MaxTokens >= 0, $"The number of tokens to generate must not be negative, but is {MaxTokens}.");
        return this;
    }

    static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
