namespace Noos.Language.Templates.Values;

/// <summary>
/// Jinja's <c>Undefined</c>, the value of a missing variable, attribute or item: empty, false, and an error once more is asked of it.
/// </summary>
sealed class Undefined(string what)
{
    public TemplateFault Fault() => new($"{what} is undefined");
}
