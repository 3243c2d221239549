using Noos.Media.Audio;

namespace Noos.Peripherals.Ear;

/// <summary>How a recording is transcribed.</summary>
public sealed record TranscribeOptions
{
    /// <summary>The code or English name of what is spoken; null lets the model find out, if it hears several languages.</summary>
    public string? Language { get; init; }

    /// <summary>Write English, whatever is spoken.</summary>
    public bool IsTranslation { get; init; }

    /// <summary>What was said before, or names as they are to be written.</summary>
    public string? Prompt { get; init; }

    /// <summary>0 takes the likeliest words.</summary>
    public float Temperature { get; init; }

    /// <summary>Say when each word is spoken.</summary>
    public bool WantsWords { get; init; }

    /// <summary>Pass over what is no speech; a recognizer hears words in it otherwise.</summary>
    public bool DetectsSpeech { get; init; } = true;

    /// <summary>What the recording may be.</summary>
    public AudioLimits Limits { get; init; } = AudioLimits.Default;
}
