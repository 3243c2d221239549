namespace Noos.Corpus.Documents;

/// <summary>One text to learn from. Documents are independent: the model sees a separator between them.</summary>
/// <param name="Text">The text, as the model shall see it.</param>
/// <param name="Title">What the source calls it, for people; not part of the text.</param>
public sealed record Document(string Text, string? Title = null);
