namespace Noos.Kernel.Cpu;

/// <summary>What a model continues as it stands: a text, or the tokens of one.</summary>
/// <param name="Text">As text; null where there are tokens.</param>
/// <param name="Tokens">As numbers of the vocabulary, with all that the model expects before and after.</param>
public sealed record RawPrompt(string? Text, IReadOnlyList<int>? Tokens = null);
