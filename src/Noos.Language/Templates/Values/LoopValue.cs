namespace Noos.Language.Templates.Values;

/// <summary>Jinja's variable <c>loop</c>: the position of a loop, and in recursive loops a function.</summary>
/// <param name="items">All that is walked through.</param>
/// <param name="depth">0 for the outermost level of a recursive loop.</param>
/// <param name="recurse">Renders the loop's body for other items; null where the loop is not recursive.</param>
sealed class LoopValue(IReadOnlyList<object?> items, int depth, Func<object?, TrackedText>? recurse)
{
    object?[]? _lastChecked;

    public int Index { get; set; }

    public int Length => items.Count;

    public object? Call(Arguments arguments) => recurse is not null
        ? recurse(arguments.Bind("loop", 1, "items")[0])
        : throw new TemplateFault("only a loop marked 'recursive' can be called");

    public object? Attribute(string name) => name switch
    {
        "index" => Number(Index + 1),
        "index0" => Number(Index),
        "revindex" => Number(Length - Index),
        "revindex0" => Number(Length - Index - 1),
        "first" => Index == 0,
        "last" => Index == Length - 1,
        "length" => Number(Length),
        "depth" => Number(depth + 1),
        "depth0" => Number(depth),
        "previtem" => Index > 0 ? items[Index - 1] : new Undefined("the item before the first one"),
        "nextitem" => Index < Length - 1 ? items[Index + 1] : new Undefined("the item behind the last one"),
        "cycle" => new FunctionValue("loop.cycle", arguments => arguments.Positional.Count > 0
            ? arguments.Positional[Index % arguments.Positional.Count]
            : throw new TemplateFault("loop.cycle needs values")),
        _ => new Undefined($"the attribute '{name}' of a loop"),
    };

    /// <summary>Whether the values differ from those of the last time.</summary>
    public bool HasChanged(IReadOnlyList<object?> values, Operators operators)
    {
        var isSame = _lastChecked is not null && operators.Equal(_lastChecked, values.ToArray());
        _lastChecked = isSame ? _lastChecked : [.. values];
        return !isSame;
    }

    static System.Numerics.BigInteger Number(int value) => new(value);
}
