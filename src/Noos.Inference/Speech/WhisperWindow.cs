namespace Noos.Inference.Speech;

/// <summary>What was heard in a window.</summary>
/// <param name="Segments">In order of time; none where nobody spoke.</param>
/// <param name="Consumed">How much of the audio is done; the next window begins here.</param>
/// <param name="Language">The code of the language.</param>
/// <param name="NoSpeechProbability">How likely it is that nobody speaks.</param>
public sealed record WhisperWindow(
    IReadOnlyList<WhisperSegment> Segments, TimeSpan Consumed, string Language, double NoSpeechProbability);

/// <summary>A phrase or sentence; times count from the beginning of the window.</summary>
/// <param name="Start">When it begins.</param>
/// <param name="End">When it ends.</param>
/// <param name="Text">As the model writes it, usually with a space at its beginning.</param>
/// <param name="Tokens">Of the text.</param>
public sealed record WhisperSegment(TimeSpan Start, TimeSpan End, string Text, IReadOnlyList<int> Tokens)
{
    /// <summary>Mean of the logarithms of the probabilities of the window's tokens.</summary>
    public double AverageLogProbability { get; init; }

    /// <summary>Length of the window's text to that of its compressed form: above 2.4 it goes in circles.</summary>
    public double CompressionRatio { get; init; }

    /// <summary>How likely it is that nobody speaks in the window.</summary>
    public double NoSpeechProbability { get; init; }

    /// <summary>With which its tokens were drawn.</summary>
    public double Temperature { get; init; }

    /// <summary>Its words, where they were asked for.</summary>
    public IReadOnlyList<WhisperWord> Words { get; init; } = [];
}

/// <summary>A word with the punctuation that belongs to it; times count from the beginning of the window.</summary>
public sealed record WhisperWord(string Text, TimeSpan Start, TimeSpan End);
