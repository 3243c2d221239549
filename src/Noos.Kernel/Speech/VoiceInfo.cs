namespace Noos.Kernel.Speech;

/// <summary>A voice that can be chosen.</summary>
/// <param name="Name">As requests name it.</param>
/// <param name="Language">Of the texts that it reads, such as "en_US".</param>
public sealed record VoiceInfo(string Name, string Language)
{
    /// <summary>What it is, for lists: "Piper", "espeak-ng".</summary>
    public string Kind { get; init; } = "";

    /// <summary>Samples per second.</summary>
    public int SampleRate { get; init; } = 22_050;
}
