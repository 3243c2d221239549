namespace Noos.Language.Templates;

/// <summary>A piece of rendered text.</summary>
/// <param name="Text">Its characters.</param>
/// <param name="IsData">True for what the conversation says, false for what the template itself wrote. Special tokens may only be read
/// from the latter, else anybody could forge a turn.</param>
public readonly record struct TemplateSegment(string Text, bool IsData);
