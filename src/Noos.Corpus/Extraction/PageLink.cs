namespace Noos.Corpus.Extraction;

/// <summary>A link in the content of a page.</summary>
/// <param name="Text">What it is written on.</param>
/// <param name="Address">Where it leads, absolute; http or https.</param>
public sealed record PageLink(string Text, Uri Address);
