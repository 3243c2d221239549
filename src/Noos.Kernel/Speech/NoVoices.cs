using Noos.Core;

namespace Noos.Kernel.Speech;

/// <summary>A machine without voices.</summary>
public sealed class NoVoices : IVoiceSource
{
    public static NoVoices Instance { get; } = new();

    NoVoices()
    {
    }

    public IReadOnlyList<VoiceInfo> List() => [];

    public IVoice Open(string? name) => throw new NoosException(
        ErrorKind.NotFound, "This server has no voices; a host gives it some with an IVoiceSource, as 'noos up' does.");
}
