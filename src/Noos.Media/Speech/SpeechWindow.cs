namespace Noos.Media.Speech;

/// <summary>A part of a recording in which somebody speaks.</summary>
/// <param name="Start">Its first sample, counted from the beginning of the recording.</param>
/// <param name="Samples">Mono, at 16 kHz.</param>
/// <param name="EndsInPause">False where it had to be cut although somebody goes on speaking.</param>
public sealed record SpeechWindow(long Start, ReadOnlyMemory<float> Samples, bool EndsInPause);
