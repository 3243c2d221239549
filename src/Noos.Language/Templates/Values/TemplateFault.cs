using Noos.Core;

namespace Noos.Language.Templates.Values;

/// <summary>A template asked for something that cannot be done. Whoever knows the line makes a <see cref="NoosException"/> of it.</summary>
#pragma warning disable CA1064 // Never leaves this namespace.
sealed class TemplateFault(string message) : Exception(message);
#pragma warning restore CA1064
