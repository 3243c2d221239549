using Noos.Language.Templates.Values;

namespace Noos.Language.Templates.Rendering;

/// <summary>Variables by name; what is not here may be in the scope around it.</summary>
sealed class Scope(Scope? outer)
{
    Dictionary<string, object?>? _variables;

    public object? this[string name]
    {
        set => (_variables ??= new(StringComparer.Ordinal))[name] = value;
    }

    public bool TryGet(string name, out object? value)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._variables is { } variables && variables.TryGetValue(name, out value))
            {
                return true;
            }
        }

        value = null;
        return false;
    }

    Scope? Outer { get; } = outer;

    /// <summary>The number of characters and values that the variables hold; the budget of a rendering grows with it.</summary>
    public long Weight() => _variables?.Values.Sum(WeightOf) ?? 0;

    static long WeightOf(object? value) => value switch
    {
        TrackedText text => 1 + text.Value.Length,
        List<object?> list => 1 + list.Sum(WeightOf),
        TemplateDictionary dictionary => 1 + dictionary.Items.Sum(pair => WeightOf(pair.Key) + WeightOf(pair.Value)),
        _ => 1,
    };
}
