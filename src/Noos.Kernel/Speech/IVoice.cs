using Noos.Core;

namespace Noos.Kernel.Speech;

/// <summary>A device that reads text aloud, as <see cref="Cpu.ICpu"/> is one that thinks. Thread-safe.</summary>
public interface IVoice : IDisposable
{
    VoiceInfo Info { get; }

    /// <summary>The sentences of a text, in order. Computing is done where the next one is asked for.</summary>
    /// <exception cref="NoosException">The text cannot be read by this voice.</exception>
    IEnumerable<SpokenSentence> Speak(SpeechRequest request, CancellationToken cancellationToken = default);
}

/// <summary>The voices of this machine. Thread-safe.</summary>
public interface IVoiceSource
{
    /// <summary>All that can be chosen, the usual one first.</summary>
    IReadOnlyList<VoiceInfo> List();

    /// <summary>A voice, ready to speak; it stays the source's.</summary>
    /// <param name="name">Which; null for the usual one.</param>
    /// <exception cref="NoosException">There is no such voice, or none at all (NotFound); the message says how to get one.</exception>
    IVoice Open(string? name);
}
