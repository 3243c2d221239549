namespace Noos.Kernel.Speech;

/// <summary>What is to be read aloud, and how.</summary>
/// <param name="Text">As it was written: numbers, abbreviations and Markdown are the voice's business.</param>
public sealed record SpeechRequest(string Text)
{
    /// <summary>How fast, from <see cref="MinSpeed"/> to <see cref="MaxSpeed"/>; 1 is the voice's own pace.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>The same text with the same seed gives the same samples.</summary>
    public int Seed { get; init; }

    public const double MinSpeed = 0.25;

    public const double MaxSpeed = 4;
}
