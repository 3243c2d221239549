namespace Noos.Factory.Adapters;

/// <summary>What a training of an adapter came to.</summary>
/// <param name="Path">The adapter.</param>
/// <param name="MatrixCount">Matrices that it changes.</param>
/// <param name="Steps">Updates.</param>
/// <param name="Tokens">Tokens trained on, those of prompts included.</param>
/// <param name="Loss">Of the last update, in nats per token of an answer; NaN where nothing was left to do.</param>
public sealed record AdapterReport(string Path, int MatrixCount, long Steps, long Tokens, double Loss);
