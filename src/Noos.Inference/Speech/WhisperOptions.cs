namespace Noos.Inference.Speech;

/// <summary>How a window is transcribed.</summary>
public sealed record WhisperOptions
{
    /// <summary>The usual ones.</summary>
    public static WhisperOptions Default { get; } = new();

    /// <summary>The code or English name of what is spoken; null lets a multilingual model find out.</summary>
    public string? Language { get; init; }

    /// <summary>Write English, whatever is spoken; only multilingual models can.</summary>
    public bool IsTranslation { get; init; }

    /// <summary>What was said before, or names as they are to be written; the end counts where it is too long.</summary>
    public string? Prompt { get; init; }

    /// <summary>
    /// The first temperature: 0 takes the likeliest token each time. Where the result repeats itself or is unlikely, higher ones are tried.
    /// </summary>
    public float Temperature { get; init; }

    /// <summary>No brackets, notes and other tokens that begin annotations such as "(phone ringing)".</summary>
    public bool SuppressesNonSpeech { get; init; } = true;

    /// <summary>Say when each word is spoken, at the price of one more pass.</summary>
    public bool WantsWords { get; init; }

    /// <summary>
    /// Silence behind the speech that the encoder reads in any case. Whisper was trained on windows of 30 seconds, most of them silence
    /// after a short sentence; the encoder's time goes with what it reads, so a few seconds are much faster. Null for the whole window.
    /// </summary>
    public TimeSpan? Padding { get; init; }
}
