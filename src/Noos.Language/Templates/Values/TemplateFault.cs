using Noos.Core;

namespace Noos.Language.Templates.Values;

/// <summary>
/// A template asked for something that cannot be done (<see cref="ErrorKind.Invalid"/>) or for more than it is given
/// (<see cref="ErrorKind.Refused"/>). Whoever knows the line makes a <see cref="NoosException"/> of it.
/// </summary>
#pragma warning disable CA1064 // Never leaves this namespace.
sealed class TemplateFault(string message, ErrorKind kind = ErrorKind.Invalid) : Exception(message)
{
    public ErrorKind Kind { get; } = kind;
}
#pragma warning restore CA1064
