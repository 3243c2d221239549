namespace Noos.Kernel.Speech;

/// <summary>A sentence, read aloud.</summary>
/// <param name="Text">The sentence as it was written.</param>
/// <param name="Samples">One channel, from -1 to 1, with the pause that follows it.</param>
/// <param name="SampleRate">Samples per second.</param>
public sealed record SpokenSentence(string Text, float[] Samples, int SampleRate);
