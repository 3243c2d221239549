using System.Numerics;
using Noos.Core;
using Noos.Language.Templates.Rendering;

namespace Noos.Language.Templates.Values;

/// <summary>Python's operators. What grows with its operands is paid for.</summary>
sealed class Operators(RenderBudget budget)
{
    public bool Equal(object? left, object? right)
    {
        budget.Spend();
        RenderBudget.EnsureStack();
        switch (left, right)
        {
            case (null, null):
            case (Undefined, Undefined):
                return true;
            case (TrackedText a, TrackedText b):
                budget.SpendText(a.Value.Length == b.Value.Length ? a.Value.Length : 0);
                return a.Equals(b);
            case (List<object?> a, List<object?> b):
                return EqualItems(a, b);
            case (object?[] a, object?[] b):
                return EqualItems(a, b);
            case (TemplateDictionary a, TemplateDictionary b):
                return a.Count == b.Count && a.Items.All(pair => b.TryGet(pair.Key, out var other) && Equal(pair.Value, other));
            case (RangeValue a, RangeValue b):
                return EqualItems(a.Items, b.Items);
            case (bool or BigInteger, bool or BigInteger):
                return PythonSemantics.ToInteger(left) == PythonSemantics.ToInteger(right);
            case (bool or BigInteger or double, bool or BigInteger or double):
                return CompareNumbers(left, right) == 0;
            default:
                return ReferenceEquals(left, right);
        }
    }

    /// <summary>The order of two values: negative, zero or positive; null when one is not a number.</summary>
    public int? Compare(object? left, object? right)
    {
        budget.Spend();
        RenderBudget.EnsureStack();
        switch (left, right)
        {
            case (bool or BigInteger or double, bool or BigInteger or double):
                return CompareNumbers(left, right);
            case (TrackedText a, TrackedText b):
                budget.SpendText(Math.Min(a.Value.Length, b.Value.Length));
                return a.OrderTo(b);
            case (List<object?> a, List<object?> b):
                return CompareItems(a, b);
            case (object?[] a, object?[] b):
                return CompareItems(a, b);
            default:
                ThrowIfUndefined(left, right);
                throw new TemplateFault(
                    $"values of type {PythonSemantics.TypeName(left)} and {PythonSemantics.TypeName(right)} have no order");
        }
    }

    public object? Add(object? left, object? right)
    {
        switch (left, right)
        {
            case (TrackedText a, TrackedText b):
                var text = new TrackedTextBuilder(budget);
                var isSafe = a.IsSafe || b.IsSafe;
                text.Append(isSafe ? Escape(a) : a);
                text.Append(isSafe ? Escape(b) : b);
                return text.ToText(isSafe);
            case (List<object?> a, List<object?> b):
                budget.Spend(a.Count + b.Count);
                return new List<object?>([.. a, .. b]);
            case (object?[] a, object?[] b):
                budget.Spend(a.Length + b.Length);
                return (object?[])[.. a, .. b];
            default:
                return Arithmetic("+", left, right, static (a, b) => a + b, static (a, b) => a + b);
        }
    }

    public object Subtract(object? left, object? right) => Arithmetic("-", left, right, static (a, b) => a - b, static (a, b) => a - b);

    public object Multiply(object? left, object? right)
    {
        var (sequence, count) = left is TrackedText or List<object?> or object?[]? (left, right) : (right, left);
        if (sequence is not (TrackedText or List<object?> or object?[]) || count is not (bool or BigInteger))
        {
            return Arithmetic("*", left, right, static (a, b) => a * b, static (a, b) => a * b);
        }

        var times = Math.Max(PythonSemantics.ToInt32(PythonSemantics.ToInteger(count)), 0);
        if (sequence is TrackedText text)
        {
            budget.SpendText((long)times * text.Value.Length);
            var builder = new TrackedTextBuilder(budget);
            for (var index = 0; index < times && text.Value.Length > 0; index++)
            {
                builder.Append(text);
            }

            return builder.ToText(text.IsSafe);
        }

        var items = (IReadOnlyList<object?>)sequence;
        budget.Spend((long)times * items.Count);
        var repeated = Enumerable.Repeat(items, items.Count == 0 ? 0 : times).SelectMany(item => item);
        return sequence is object?[]? repeated.ToArray() : repeated.ToList();
    }

    public object Divide(object? left, object? right)
    {
        var (a, b) = Floats("/", left, right);
        return b == 0 ? throw DivisionByZero() : a / b;
    }

    public object FloorDivide(object? left, object? right) => Arithmetic(
        "//",
        left,
        right,
        static (a, b) => b.IsZero ? throw DivisionByZero() : FloorQuotient(a, b),
        static (a, b) => b == 0 ? throw DivisionByZero() : Math.Floor(a / b));

    public object Modulo(object? left, object? right) => left is TrackedText format
        ? new TextFormat(this, budget).Percent(format, right)
        : Arithmetic(
            "%",
            left,
            right,
            static (a, b) => b.IsZero ? throw DivisionByZero() : a - (FloorQuotient(a, b) * b),
            static (a, b) => b == 0 ? throw DivisionByZero() : a - (Math.Floor(a / b) * b));

    public object Power(object? left, object? right)
    {
        if (left is bool or BigInteger && right is bool or BigInteger && PythonSemantics.ToInteger(right) is { Sign: >= 0 } exponent)
        {
            var number = PythonSemantics.ToInteger(left);
            if (number.GetBitLength() * (double)exponent > 1 << 20)
            {
                return number.IsOne || number.IsZero ? number
                    : number == BigInteger.MinusOne ? (exponent.IsEven ? BigInteger.One : number)
                    : throw new TemplateFault("a number becomes too large", ErrorKind.Refused);
            }

            return PythonSemantics.Limit(BigInteger.Pow(number, (int)exponent));
        }

        var (a, b) = Floats("**", left, right);
        return a == 0 && b < 0 ? throw DivisionByZero() : Math.Pow(a, b);
    }

    public static object Negate(object? value) => value switch
    {
        double number => -number,
        _ => -PythonSemantics.ToInteger(value),
    };

    public static object Positive(object? value) => value is double ? value : PythonSemantics.ToInteger(value);

    /// <summary>Python's <c>in</c>.</summary>
    public bool Contains(object? container, object? item)
    {
        switch (container)
        {
            case TrackedText text:
                var part = item as TrackedText
                    ?? throw (item is Undefined undefined
                        ? undefined.Fault()
                        : new TemplateFault($"a text cannot contain a value of type {PythonSemantics.TypeName(item)}"));
                return Find(text.Value, part.Value, 0, text.Value.Length) >= 0;
            case TemplateDictionary dictionary:
                SpendKey(item);
                return dictionary.TryGet(item, out _);
            case DictionaryView { Kind: DictionaryViewKind.Keys } view:
                SpendKey(item);
                return view.Dictionary.TryGet(item, out _);
            default:
                return Iterate(container).Any(one => Equal(one, item));
        }
    }

    /// <summary>The first place of a text in a range of UTF-16 positions, or -1.</summary>
    public int Find(string text, string part, int start, int end)
    {
        // The search may compare the part at every place; its vectors do 16 characters and more at once.
        var places = Math.Max((long)end - start - part.Length + 1, 0);
        budget.SpendText(places + (places * part.Length / 16));
        return end - start < part.Length ? -1 : text.AsSpan(start, end - start).IndexOf(part) is var index and >= 0 ? start + index : -1;
    }

    /// <summary>The last place of a text in a range of UTF-16 positions, or -1.</summary>
    public int FindLast(string text, string part, int start, int end)
    {
        var places = Math.Max((long)end - start - part.Length + 1, 0);
        budget.SpendText(places + (places * part.Length / 16));
        return end - start < part.Length
            ? -1
            : text.AsSpan(start, end - start).LastIndexOf(part) is var index and >= 0
            ? start + index
            : -1;
    }

    /// <summary>Walks what can be walked; each item is paid for.</summary>
    public IEnumerable<object?> Iterate(object? value)
    {
        var items = value switch
        {
            Undefined => [],
            TrackedText text => Characters(text),
            List<object?> list => Live(list),
            object?[] tuple => tuple,
            TemplateDictionary dictionary => dictionary.Keys.ToArray(),
            DictionaryView view => view.Items.ToArray(),
            RangeValue range => range.Items,
            IteratorValue iterator => iterator.Rest(),
            _ => throw new TemplateFault($"a value of type {PythonSemantics.TypeName(value)} cannot be walked through"),
        };
        return items.Select(item =>
        {
            budget.Spend();
            return item;
        });
    }

    public List<object?> ToList(object? value) => [.. Iterate(value)];

    public static bool CanIterate(object? value) =>
        value is Undefined or TrackedText or List<object?> or object?[] or TemplateDictionary or DictionaryView or RangeValue
            or IteratorValue;

    public static int Length(object? value) => value switch
    {
        Undefined => 0,
        TrackedText text => text.Length,
        List<object?> list => list.Count,
        object?[] tuple => tuple.Length,
        TemplateDictionary dictionary => dictionary.Count,
        DictionaryView view => view.Dictionary.Count,
        RangeValue range => range.Items.Length,
        LoopValue loop => loop.Length,
        _ => throw new TemplateFault($"a value of type {PythonSemantics.TypeName(value)} has no length"),
    };

    /// <summary>Python's subscription: null when there is no such item.</summary>
    public bool TryGetItem(object? container, object? key, out object? item)
    {
        item = null;
        switch (container)
        {
            case Undefined undefined:
                throw undefined.Fault();
            case not (TrackedText or List<object?> or object?[] or RangeValue) when key is SliceValue:
                throw new TemplateFault($"a value of type {PythonSemantics.TypeName(container)} cannot be sliced");
            case TemplateDictionary dictionary:
                SpendKey(key);
                return key is bool or BigInteger or double or TrackedText && dictionary.TryGet(key, out item);
            case TrackedText or List<object?> or object?[] or RangeValue when key is SliceValue slice:
                item = Slice(container, slice);
                return true;
            case TrackedText or List<object?> or object?[] or RangeValue when key is bool or BigInteger:
                var length = Length(container);
                var index = PythonSemantics.ToInteger(key);
                index += index.Sign < 0 ? length : 0;
                if (index.Sign < 0 || index >= length)
                {
                    return false;
                }

                item = container is TrackedText text ? text.At((int)index) : ItemsOf(container)[(int)index];
                return true;
            default:
                return false;
        }
    }

    public object Slice(object? container, SliceValue slice)
    {
        var length = Length(container);
        var step = slice.Step is null ? BigInteger.One : PythonSemantics.ToInteger(slice.Step);
        if (step.IsZero)
        {
            throw new TemplateFault("the step of a slice must not be zero");
        }

        var (low, high) = step.Sign > 0 ? (0, length) : (-1, length - 1);
        var start = Bound(slice.Start, step.Sign > 0 ? low : high);
        var stop = Bound(slice.Stop, step.Sign > 0 ? high : low);
        if (container is TrackedText text && step.IsOne)
        {
            budget.SpendText(Math.Max(stop - start, 0));
            return start < stop ? text.Cut(text.OffsetOf(start), text.OffsetOf(stop)) : text.Cut(0, 0);
        }

        var picked = new List<int>();
        for (BigInteger index = start; step.Sign > 0 ? index < stop : index > stop; index += step)
        {
            budget.Spend();
            picked.Add((int)index);
        }

        if (container is TrackedText whole)
        {
            var builder = new TrackedTextBuilder(budget);
            picked.ForEach(index => builder.Append(whole.At(index)));
            return builder.ToText(whole.IsSafe);
        }

        var items = ItemsOf(container);
        return container is List<object?> ? picked.ConvertAll(index => items[index]) : picked.Select(index => items[index]).ToArray();

        int Bound(object? value, int fallback)
        {
            if (value is null)
            {
                return fallback;
            }

            var bound = PythonSemantics.ToInteger(value);
            bound += bound.Sign < 0 ? length : 0;
            return (int)BigInteger.Min(BigInteger.Max(bound, low), high);
        }
    }

    /// <summary>Text for HTML.</summary>
    public TrackedText Escape(TrackedText text)
    {
        if (text.IsSafe)
        {
            return text;
        }

        var escaped = new TrackedTextBuilder(budget);
        for (var index = 0; index < text.Value.Length; index++)
        {
            var replacement = text.Value[index] switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '\'' => "&#39;",
                '"' => "&#34;",
                _ => null,
            };
            if (replacement is null)
            {
                escaped.Append(text.Value[index], text.IsDataAt(index));
            }
            else
            {
                escaped.Append(replacement, text.IsDataAt(index));
            }
        }

        return escaped.ToText(isSafe: true);
    }

    /// <summary>Sorts as Python does: stable, and only values that have an order.</summary>
    public List<object?> Sort(IEnumerable<object?> items, Func<object?, object?> key, bool isReversed)
    {
        var comparer = Comparer<object?>.Create((a, b) => Compare(a, b) ?? 0);
        var keyed = items.Select(item => (Item: item, Key: key(item))).ToArray();

        var sorted = isReversed ? keyed.Reverse().OrderBy(pair => pair.Key, comparer).Reverse() : keyed.OrderBy(pair => pair.Key, comparer);
        try
        {
            return [.. sorted.Select(pair => pair.Item)];
        }
        catch (InvalidOperationException e) when (e.InnerException is TemplateFault fault)
        {
            // Sorting wraps what a comparison throws.
            throw new TemplateFault(fault.Message);
        }
    }

    IEnumerable<object?> Characters(TrackedText text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            budget.Spend(4);
            yield return text.At(index).WithSafe(false);
        }
    }

    // A list may grow while it is walked.
    static IEnumerable<object?> Live(List<object?> list)
    {
        for (var index = 0; index < list.Count; index++)
        {
            yield return list[index];
        }
    }

    static IReadOnlyList<object?> ItemsOf(object? value) => value is RangeValue range ? range.Items : (IReadOnlyList<object?>)value!;

    void SpendKey(object? key) => budget.SpendText(key is TrackedText text ? text.Value.Length : 0);

    bool EqualItems(IReadOnlyList<object?> left, IReadOnlyList<object?> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        for (var index = 0; index < left.Count; index++)
        {
            if (!Equal(left[index], right[index]))
            {
                return false;
            }
        }

        return true;
    }

    int? CompareItems(IReadOnlyList<object?> left, IReadOnlyList<object?> right)
    {
        for (var index = 0; index < Math.Min(left.Count, right.Count); index++)
        {
            if (!Equal(left[index], right[index]))
            {
                return Compare(left[index], right[index]);
            }
        }

        return left.Count.CompareTo(right.Count);
    }

    static int? CompareNumbers(object left, object right)
    {
        if (left is not double && right is not double)
        {
            return PythonSemantics.ToInteger(left).CompareTo(PythonSemantics.ToInteger(right));
        }

        var a = left as double? ?? (double)PythonSemantics.ToInteger(left);
        var b = right as double? ?? (double)PythonSemantics.ToInteger(right);
        return double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b);
    }

    static object Arithmetic(
        string sign, object? left, object? right, Func<BigInteger, BigInteger, BigInteger> integers, Func<double, double, double> floats)
    {
        if (left is bool or BigInteger && right is bool or BigInteger)
        {
            return PythonSemantics.Limit(integers(PythonSemantics.ToInteger(left), PythonSemantics.ToInteger(right)));
        }

        var (a, b) = Floats(sign, left, right);
        return floats(a, b);
    }

    static (double Left, double Right) Floats(string sign, object? left, object? right)
    {
        ThrowIfUndefined(left, right);
        return left is bool or BigInteger or double && right is bool or BigInteger or double
            ? (left as double? ?? (double)PythonSemantics.ToInteger(left), right as double? ?? (double)PythonSemantics.ToInteger(right))
            : throw new TemplateFault(
                $"'{sign}' does not work on values of type {PythonSemantics.TypeName(left)} and {PythonSemantics.TypeName(right)}");
    }

    static void ThrowIfUndefined(object? left, object? right)
    {
        if ((left as Undefined ?? right as Undefined) is { } undefined)
        {
            throw undefined.Fault();
        }
    }

    static BigInteger FloorQuotient(BigInteger a, BigInteger b)
    {
        var quotient = BigInteger.DivRem(a, b, out var remainder);
        return remainder.IsZero || remainder.Sign == b.Sign ? quotient : quotient - 1;
    }

    static TemplateFault DivisionByZero() => new("a number is divided by zero");
}
