using System.Numerics;
using Noos.Core;

namespace Noos.Language.Templates.Values;

// The values of templates are those of Python: null is None; bool, BigInteger, double and TrackedText are themselves; List<object?> is a
// list, object?[] a tuple; the rest are the classes here and Undefined.

/// <summary>Python's dict: keys in the order they came.</summary>
sealed class TemplateDictionary
{
    readonly OrderedDictionary<object, object?> _items = new(KeyComparer.Instance);

    public int Count => _items.Count;

    public IEnumerable<object> Keys => _items.Keys;

    public IEnumerable<object?> Values => _items.Values;

    public IEnumerable<KeyValuePair<object, object?>> Items => _items;

    public bool TryGet(object? key, out object? value)
    {
        value = null;
        return key is not null and not Undefined && _items.TryGetValue(CheckKey(key), out value);
    }

    public void Set(object? key, object? value) => _items[CheckKey(key)] = value;

    public bool Remove(object? key, out object? value)
    {
        value = null;
        return key is not null && _items.Remove(CheckKey(key), out value);
    }

    public void Clear() => _items.Clear();

    public TemplateDictionary Copy()
    {
        var copy = new TemplateDictionary();
        foreach (var (key, value) in _items)
        {
            copy._items.Add(key, value);
        }

        return copy;
    }

    static object CheckKey(object? key) => key is bool or BigInteger or double or TrackedText
        ? key
        : throw new TemplateFault($"a value of type {PythonSemantics.TypeName(key)} cannot be a key");

    /// <summary>1, 1.0 and True are one key.</summary>
    sealed class KeyComparer : IEqualityComparer<object>
    {
        public static KeyComparer Instance { get; } = new();

        public new bool Equals(object? x, object? y) => Number(x!).Equals(Number(y!));

        public int GetHashCode(object obj) => Number(obj).GetHashCode();

        static object Number(object key) => key switch
        {
            bool flag => flag ? BigInteger.One : BigInteger.Zero,
            double number when double.IsInteger(number) => new BigInteger(number),
            _ => key,
        };
    }
}

/// <summary>A view of a dict, the result of <c>items()</c>, <c>keys()</c> or <c>values()</c>: changes of the dict show in it.</summary>
sealed record DictionaryView(TemplateDictionary Dictionary, DictionaryViewKind Kind)
{
    public IEnumerable<object?> Items => Kind switch
    {
        DictionaryViewKind.Keys => Dictionary.Keys,
        DictionaryViewKind.Values => Dictionary.Values,
        _ => Dictionary.Items.Select(pair => (object?)new object?[] { pair.Key, pair.Value }),
    };
}

enum DictionaryViewKind
{
    Items,
    Keys,
    Values,
}

/// <summary>Values that can be walked once, as a filter such as <c>map</c> gives.</summary>
sealed class IteratorValue(IReadOnlyList<object?> items)
{
    int _position;

    public IEnumerable<object?> Rest()
    {
        while (_position < items.Count)
        {
            yield return items[_position++];
        }
    }
}

/// <summary>Python's range.</summary>
sealed record RangeValue(BigInteger Start, BigInteger Stop, BigInteger Step)
{
    /// <summary>As in Jinja's sandbox.</summary>
    const int MaxItems = 100_000;

    public object?[] Items { get; } = Expand(Start, Stop, Step);

    static object?[] Expand(BigInteger start, BigInteger stop, BigInteger step)
    {
        if (step.IsZero)
        {
            throw new TemplateFault("the step of a range must not be zero");
        }

        var count = BigInteger.Max(0, step.Sign > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step);
        if (count > MaxItems)
        {
            throw new TemplateFault($"a range may have at most {MaxItems} items", ErrorKind.Refused);
        }

        var items = new object?[(int)count];
        for (var index = 0; index < items.Length; index++)
        {
            items[index] = start + (index * step);
        }

        return items;
    }
}

/// <summary>Jinja's namespace: what a loop can write to and everybody can read.</summary>
sealed record NamespaceValue(TemplateDictionary Attributes);

/// <summary>Something that can be called.</summary>
sealed record FunctionValue(string Name, Func<Arguments, object?> Call);

/// <summary>A slice, <c>start:stop:step</c>.</summary>
sealed record SliceValue(object? Start, object? Stop, object? Step);
