namespace Noos.Kernel.Memory;

/// <summary>A piece of a page that a search has found.</summary>
/// <param name="Page">The number of the page.</param>
/// <param name="Text">The piece, as it stands there.</param>
public sealed record Passage(int Page, string Text);
