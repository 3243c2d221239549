namespace Noos.Inference.Constraints.Extraction;

/// <summary>A text that an answer may be a span of.</summary>
/// <param name="Number">By which it is cited.</param>
/// <param name="Text">The whole text.</param>
public sealed record Passage(int Number, string Text);
