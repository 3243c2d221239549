namespace Noos.Language.Templates.Values;

/// <summary>What a missing variable, attribute or item gives: empty, false, and an error once more is asked of it.</summary>
sealed class Undefined(string what)
{
    public TemplateFault Fault() => new($"{what} is undefined");
}
