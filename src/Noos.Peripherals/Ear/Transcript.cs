namespace Noos.Peripherals.Ear;

/// <summary>What was said in a recording.</summary>
/// <param name="Model">Who heard it.</param>
/// <param name="Language">The code of the language; null where nobody spoke.</param>
/// <param name="Duration">Of the recording.</param>
/// <param name="Segments">In order of time.</param>
public sealed record Transcript(string Model, string? Language, TimeSpan Duration, IReadOnlyList<TranscriptSegment> Segments)
{
    /// <summary>The whole text in one line.</summary>
    public string Text => string.Concat(Segments.Select(segment => segment.Text)).Trim();
}

/// <summary>A phrase or sentence.</summary>
/// <param name="Start">When it begins, counted from the beginning of the recording.</param>
/// <param name="End">When it ends.</param>
/// <param name="Text">Set behind the one before it as it is: it begins with a space where the language has spaces.</param>
public sealed record TranscriptSegment(TimeSpan Start, TimeSpan End, string Text)
{
    /// <summary>The code of the language.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Ids of the tokens of the text.</summary>
    public IReadOnlyList<int> Tokens { get; init; } = [];

    /// <summary>Mean of the logarithms of the probabilities of the tokens around it; below -1 it is doubtful.</summary>
    public double AverageLogProbability { get; init; }

    /// <summary>Length of the text around it to that of its compressed form; above 2.4 it goes in circles.</summary>
    public double CompressionRatio { get; init; }

    /// <summary>How likely the recognizer takes it that nobody speaks.</summary>
    public double NoSpeechProbability { get; init; }

    /// <summary>With which its tokens were drawn.</summary>
    public double Temperature { get; init; }

    /// <summary>Where its window begins, which was heard at once.</summary>
    public TimeSpan Window { get; init; }

    /// <summary>Its words, where they were asked for.</summary>
    public IReadOnlyList<TranscriptWord> Words { get; init; } = [];
}

/// <summary>A word with its punctuation.</summary>
public sealed record TranscriptWord(string Text, TimeSpan Start, TimeSpan End);

/// <summary>How far a transcription is.</summary>
/// <param name="Heard">How much of the recording is done.</param>
/// <param name="Duration">Of the recording, where its header says it.</param>
public readonly record struct TranscriptionProgress(TimeSpan Heard, TimeSpan? Duration);
