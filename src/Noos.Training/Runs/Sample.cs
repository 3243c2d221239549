namespace Noos.Training.Runs;

/// <summary>A prompt and how the model went on.</summary>
public sealed record Sample(string Prompt, string Text);
