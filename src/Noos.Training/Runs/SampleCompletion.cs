namespace Noos.Training.Runs;

/// <summary>A fixed prompt and how the model went on at an evaluation.</summary>
public sealed record SampleCompletion(string Prompt, string Text);
