using System.Numerics;

namespace Noos.Language.Templates.Values;

/// <summary>The arguments of a call.</summary>
sealed record Arguments(IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    /// <summary>Stands for an argument that was not given.</summary>
    public static readonly object Absent = new();

    public static Arguments None { get; } = new([], new Dictionary<string, object?>());

    /// <summary>The arguments in the order of the parameters; <see cref="Absent"/> where none was given.</summary>
    /// <param name="function">What a message calls the function.</param>
    /// <param name="required">How many parameters must be given.</param>
    /// <param name="parameters">Names in order.</param>
    public object?[] Bind(string function, int required, params ReadOnlySpan<string> parameters)
    {
        if (Positional.Count > parameters.Length)
        {
            throw new TemplateFault($"{function} takes at most {parameters.Length} arguments and was given {Positional.Count}");
        }

        var bound = new object?[parameters.Length];
        Array.Fill(bound, Absent);
        for (var index = 0; index < Positional.Count; index++)
        {
            bound[index] = Positional[index];
        }

        foreach (var (name, value) in Named)
        {
            var index = parameters.IndexOf(name);
            if (index < 0 || bound[index] != Absent)
            {
                throw new TemplateFault(index < 0 ? $"{function} has no parameter '{name}'" : $"{function} was given '{name}' twice");
            }

            bound[index] = value;
        }

        for (var index = 0; index < required; index++)
        {
            if (bound[index] == Absent)
            {
                throw new TemplateFault($"{function} needs the argument '{parameters[index]}'");
            }
        }

        return bound;
    }

    public static bool Flag(object? value, bool fallback) => value == Absent ? fallback : PythonSemantics.IsTrue(value);

    /// <summary>An integer; null where it is absent or None.</summary>
    public static BigInteger? Integer(object? value) => value == Absent || value is null ? null : PythonSemantics.ToInteger(value);

    /// <summary>A text; null where it is absent or None.</summary>
    public static TrackedText? Text(object? value) => value == Absent || value is null
        ? null
        : value as TrackedText
            ?? throw new TemplateFault($"a text is needed where a value of type {PythonSemantics.TypeName(value)} stands");
}
