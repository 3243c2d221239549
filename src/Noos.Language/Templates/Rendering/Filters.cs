using System.Globalization;
using System.Numerics;
using System.Text;
using Noos.Language.Templates.Values;

namespace Noos.Language.Templates.Rendering;

/// <summary>Jinja's filters.</summary>
sealed partial class Filters(Interpreter interpreter, Operators operators, PythonRepr repr, RenderBudget budget)
{
    readonly TextMethods _texts = new(operators, budget);

    public object? Apply(string name, object? value, Arguments arguments)
    {
        budget.Spend();
        switch (name)
        {
            case "default" or "d":
                var fallback = arguments.Bind(name, 0, "default_value", "boolean");
                return value is Undefined || (Arguments.Flag(fallback[1], fallback: false) && !PythonSemantics.IsTrue(value))
                    ? Given(fallback[0], TrackedText.Empty)
                    : value;
            case "tojson":
                return new JsonText(operators, budget).Write(value, arguments);
            case "safe":
                return Text(value, arguments).WithSafe(isSafe: true);
            case "escape" or "e":
                return operators.Escape(Text(value, arguments));
            case "forceescape":
                return operators.Escape(Text(value, arguments).WithSafe(isSafe: false));
            case "string":
                return Text(value, arguments);
            case "length" or "count":
                arguments.Bind(name, 0);
                return new BigInteger(Operators.Length(value));
            case "list":
                arguments.Bind(name, 0);
                return operators.ToList(value);
            case "items":
                arguments.Bind(name, 0);
                return value is Undefined ? new IteratorValue([])
                    : value is TemplateDictionary dictionary
                        ? new IteratorValue([.. new DictionaryView(dictionary, DictionaryViewKind.Items).Items])
                    : throw new TemplateFault($"'items' needs a dict and was given a value of type {PythonSemantics.TypeName(value)}");
            case "int":
                return ToInteger(value, arguments);
            case "float":
                return ToFloat(value, arguments.Bind(name, 0, "default")[0]);
            case "abs":
                arguments.Bind(name, 0);
                return value is double number ? Math.Abs(number) : BigInteger.Abs(PythonSemantics.ToInteger(value));
            case "round":
                return Round(value, arguments);
            case "attr":
                var attribute = Arguments.Text(arguments.Bind(name, 1, "name")[0])!.Value;
                return value is TemplateDictionary
                    ? CollectionMethods.Find((TemplateDictionary)value, attribute) ?? (object)new Undefined($"the attribute '{attribute}'")
                    : interpreter.GetAttribute(value, attribute);
            default:
                return ApplyToText(name, value, arguments) is { } text ? text
                    : TryApplyToItems(name, value, arguments, out var result) ? result
                    : throw new TemplateFault($"there is no filter '{name}'");
        }
    }

    TrackedText? ApplyToText(string name, object? value, Arguments arguments)
    {
        switch (name)
        {
            case "trim":
                return _texts.Strip(repr.Str(value), Arguments.Text(arguments.Bind(name, 0, "chars")[0]));
            case "upper":
                return _texts.Upper(Text(value, arguments));
            case "lower":
                return _texts.Lower(Text(value, arguments));
            case "capitalize":
                return _texts.Capitalize(Text(value, arguments));
            case "title":
                var beginsWord = true;
                return _texts.Map(Text(value, arguments), rune =>
                {
                    var mapped = beginsWord ? Rune.ToUpperInvariant(rune) : Rune.ToLowerInvariant(rune);
                    beginsWord = rune.Value is '-' or '(' or '{' or '[' or '<' || (rune.IsBmp && PythonSemantics.IsSpace((char)rune.Value));
                    return mapped.ToString();
                });
            case "replace":
                var replacement = arguments.Bind(name, 2, "old", "new", "count");
                return _texts.Replace(
                    repr.Str(value).WithSafe(false), repr.Str(replacement[0]), repr.Str(replacement[1]),
                    Arguments.Integer(replacement[2]) ?? -1);
            case "center":
                return _texts.Center(repr.Str(value), Arguments.Integer(arguments.Bind(name, 0, "width")[0]) ?? 80);
            case "indent":
                return Indent(repr.Str(value), arguments);
            case "format":
                return new TextFormat(operators, budget).Percent(
                    repr.Str(value), arguments.Named.Count > 0 ? NamedArguments(arguments) : arguments.Positional.ToArray());
            case "truncate":
                return Truncate(repr.Str(value), arguments);
            case "join":
                return Join(value, arguments);
            case "urlencode":
                var plain = Text(value, arguments);
                budget.SpendText(plain.Value.Length);
                return plain.Derive(Uri.EscapeDataString(plain.Value).Replace("%2F", "/", StringComparison.Ordinal));
            default:
                return null;
        }
    }

    bool TryApplyToItems(string name, object? value, Arguments arguments, out object? result)
    {
        switch (name)
        {
            case "map":
                result = new IteratorValue(PythonSemantics.IsTrue(value) ? operators.ToList(value).ConvertAll(Mapping(arguments)) : []);
                return true;
            case "select" or "reject":
                result = Choose(value, arguments, item => item, name == "select");
                return true;
            case "selectattr" or "rejectattr":
                var attribute = arguments.Positional.Count > 0
                    ? arguments.Positional[0]
                    : throw new TemplateFault($"'{name}' needs the name of an attribute");
                result = Choose(value, arguments with { Positional = [.. arguments.Positional.Skip(1)] }, item =>
                    Pick(item, attribute), name == "selectattr");
                return true;
            case "first":
                arguments.Bind(name, 0);
                result = operators.Iterate(value).Append(new Undefined("the first item of an empty sequence")).First();
                return true;
            case "last":
                arguments.Bind(name, 0);
                result = value is IteratorValue ? throw new TemplateFault("the last item of a generator is not known; use 'list' first")
                    : operators.ToList(value) is [.., var last] ? last
                    : new Undefined("the last item of an empty sequence");
                return true;
            case "reverse":
                arguments.Bind(name, 0);
                if (value is TrackedText text)
                {
                    result = operators.Slice(text, new SliceValue(null, null, BigInteger.MinusOne));
                    return true;
                }

                var reversed = operators.ToList(value);
                reversed.Reverse();
                result = value is IteratorValue ? reversed : new IteratorValue(reversed);
                return true;
            case "sort":
                var order = arguments.Bind(name, 0, "reverse", "case_sensitive", "attribute");
                result = operators.Sort(operators.ToList(value), SortKey(order[1], order[2]), Arguments.Flag(order[0], fallback: false));
                return true;
            case "min" or "max":
                var extreme = arguments.Bind(name, 0, "case_sensitive", "attribute");
                result = Extreme(operators.ToList(value), SortKey(extreme[0], extreme[1]), name == "max");
                return true;
            case "unique":
                result = new IteratorValue(Unique(value, arguments));
                return true;
            case "dictsort":
                result = SortDictionary(value, arguments);
                return true;
            case "groupby":
                result = Group(value, arguments);
                return true;
            case "sum":
                var total = arguments.Bind(name, 0, "attribute", "start");
                result = operators.Iterate(value)
                    .Aggregate(Given(total[1], BigInteger.Zero), (sum, item) =>
                        operators.Add(sum, IsGiven(total[0]) ? Pick(item, total[0]) : item));
                return true;
            case "batch":
                var batch = arguments.Bind(name, 1, "linecount", "fill_with");
                result = new IteratorValue(Batch(value, PythonSemantics.ToInt32(PythonSemantics.ToInteger(batch[0])), batch[1]));
                return true;
            case "slice":
                var slices = arguments.Bind(name, 1, "slices", "fill_with");
                result = new IteratorValue(
                    Slices(operators.ToList(value), PythonSemantics.ToInt32(PythonSemantics.ToInteger(slices[0])), slices[1]));
                return true;
            case "wordcount":
                arguments.Bind(name, 0);
                result = new BigInteger(CountWords(repr.Str(value).Value));
                return true;
            default:
                result = null;
                return false;
        }
    }

    TrackedText Text(object? value, Arguments arguments)
    {
        arguments.Bind("the filter", 0);
        return repr.Str(value);
    }

    object ToInteger(object? value, Arguments arguments)
    {
        var bound = arguments.Bind("int", 0, "default", "base");
        switch (value)
        {
            case bool or BigInteger:
                return PythonSemantics.ToInteger(value);
            case double number when double.IsFinite(number):
                return new BigInteger(number);
            case TrackedText text when ParseInteger(text.Value, PythonSemantics.ToInt32(Arguments.Integer(bound[1]) ?? 10)) is { } whole:
                return whole;
            case TrackedText text when ParseFloat(text.Value) is { } real && double.IsFinite(real):
                return new BigInteger(real);
            case Undefined undefined:
                throw undefined.Fault();
            case double number when double.IsInfinity(number):
                throw new TemplateFault("an infinite number has no integer");
            default:
                return Given(bound[0], BigInteger.Zero)!;
        }
    }

    static object? ToFloat(object? value, object? fallback) => value switch
    {
        bool or BigInteger => (double)PythonSemantics.ToInteger(value),
        double => value,
        TrackedText text when ParseFloat(text.Value) is { } real => real,
        Undefined undefined => throw undefined.Fault(),
        _ => Given(fallback, 0.0),
    };

    static BigInteger? ParseInteger(string text, int radix)
    {
        // Python refuses longer ones too.
        const int mostDigits = 4300;
        var digits = text.Trim();
        var isNegative = digits.StartsWith('-');
        digits = isNegative || digits.StartsWith('+') ? digits[1..] : digits;
        var prefix = radix switch { 2 => "0b", 8 => "0o", 16 => "0x", _ => null };
        digits = prefix is not null && digits.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? digits[2..] : digits;
        if (digits.Length is 0 or > mostDigits
            || radix is < 2 or > 36
            || digits.StartsWith('_')
            || digits.EndsWith('_')
            || digits.Contains("__", StringComparison.Ordinal))
        {
            return null;
        }

        var value = BigInteger.Zero;
        foreach (var digit in digits)
        {
            var number = char.IsAsciiDigit(digit)
                ? digit - '0'
                : char.IsAsciiLetter(digit)
                ? char.ToLowerInvariant(digit) - 'a' + 10
                : digit == '_'
                ? -1
                : 99;
            if (number >= radix)
            {
                return null;
            }

            value = number < 0 ? value : (value * radix) + number;
        }

        return isNegative ? -value : value;
    }

    static double? ParseFloat(string text)
    {
        var trimmed = text.Trim();
        return double.TryParse(trimmed, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out var value)
            && trimmed.AsSpan().IndexOfAnyInRange('0', '9') >= 0
            ? value
            : trimmed.TrimStart('+', '-').ToUpperInvariant() switch
            {
                "INF" or "INFINITY" => trimmed.StartsWith('-') ? double.NegativeInfinity : double.PositiveInfinity,
                "NAN" => double.NaN,
                _ => null,
            };
    }

    static object Round(object? value, Arguments arguments)
    {
        var bound = arguments.Bind("round", 0, "precision", "method");
        var precision = PythonSemantics.ToInt32(Arguments.Integer(bound[0]) ?? 0);
        var method = Arguments.Text(bound[1])?.Value ?? "common";
        if (precision is < -300 or > 300 || method is not ("common" or "ceil" or "floor"))
        {
            throw new TemplateFault("'round' takes a precision up to 300 and one of the methods common, ceil and floor");
        }

        if (method != "common")
        {
            var scale = Math.Pow(10, precision);
            var scaled = Number() * scale;
            return (method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled)) / scale;
        }

        if (value is not double number)
        {
            var whole = PythonSemantics.ToInteger(value);
            if (precision >= 0)
            {
                return whole;
            }

            // Half to even, as Python rounds.
            var unit = BigInteger.Pow(10, -precision);
            var quotient = BigInteger.DivRem(BigInteger.Abs(whole), unit, out var rest);
            var twice = rest * 2;
            quotient += twice > unit || (twice == unit && !quotient.IsEven) ? 1 : 0;
            return quotient * unit * whole.Sign;
        }

        if (!double.IsFinite(number))
        {
            return number;
        }

        // Decimal digits of the exact value, as Python rounds: 2.675 is a little less than it looks.
        return precision switch
        {
            < 0 => Math.Round(number / Math.Pow(10, -precision), MidpointRounding.ToEven) * Math.Pow(10, -precision),
            0 => Math.Round(number, MidpointRounding.ToEven),
            > 20 => number,
            _ => double.Parse(RoundedText(number, precision), CultureInfo.InvariantCulture),
        };

        double Number() => value as double? ?? (double)PythonSemantics.ToInteger(value);
    }

    static string RoundedText(double number, int precision)
    {
        // An exact tie goes to the even digit; .NET's F format goes away from zero.
        var away = number.ToString($"F{precision}", CultureInfo.InvariantCulture);
        var scaled = number * Math.Pow(10, precision);
        var isTie = scaled - Math.Floor(scaled) == 0.5 && scaled / Math.Pow(10, precision) == number && precision < 16
            && (decimal)Math.Abs(number) < 1_000_000_000m
                && (decimal)number * (decimal)Math.Pow(10, precision) % 1 is 0.5m or -0.5m
                && IsExactTie(number, precision);
        var even = Math.Round(scaled, MidpointRounding.ToEven) / Math.Pow(10, precision);
        return isTie ? even.ToString($"F{precision}", CultureInfo.InvariantCulture) : away;
    }

    // A double is a fraction of a power of two, so only so many digits behind the point can end in an exact 5.
    static bool IsExactTie(double number, int precision) => double.IsInteger(number * Math.Pow(2, precision + 1));

    TrackedText Indent(TrackedText text, Arguments arguments)
    {
        var bound = arguments.Bind("indent", 0, "width", "first", "blank");
        var indentation = bound[0] as TrackedText
            ?? TrackedText.Literal(new string(' ', Math.Clamp(PythonSemantics.ToInt32(Arguments.Integer(bound[0]) ?? 4), 0, 1000)));
        var withFirst = Arguments.Flag(bound[1], fallback: false);
        var withBlank = Arguments.Flag(bound[2], fallback: false);
        var lines = _texts.SplitLines(text, keepEnds: false);
        if (text.Value.Length == 0 || PythonSemantics.IsLineEnd(text.Value[^1]))
        {
            lines.Add(TrackedText.Empty);
        }

        var result = new TrackedTextBuilder(budget);
        for (var index = 0; index < lines.Count; index++)
        {
            result.Append(index == 0 ? "" : "\n");
            if (index == 0 ? withFirst : withBlank || lines[index].Value.Length > 0)
            {
                result.Append(indentation);
            }

            result.Append(lines[index]);
        }

        return result.ToText(text.IsSafe);
    }

    TrackedText Truncate(TrackedText text, Arguments arguments)
    {
        var bound = arguments.Bind("truncate", 0, "length", "killwords", "end", "leeway");
        var length = PythonSemantics.ToInt32(Arguments.Integer(bound[0]) ?? 255);
        var ending = Arguments.Text(bound[2]) ?? TrackedText.Literal("...");
        var leeway = PythonSemantics.ToInt32(Arguments.Integer(bound[3]) ?? 5);
        if (length < ending.Length || leeway < 0)
        {
            throw new TemplateFault("'truncate' must leave room for its end");
        }

        if (text.Length <= (long)length + leeway)
        {
            return text;
        }

        var cut = text.Cut(0, text.OffsetOf(length - ending.Length));
        var space = Arguments.Flag(bound[1], fallback: false) ? -1 : cut.Value.LastIndexOf(' ');
        var result = new TrackedTextBuilder(budget);
        result.Append(space < 0 ? cut : cut.Cut(0, space));
        result.Append(ending);
        return result.ToText(text.IsSafe);
    }

    TrackedText Join(object? value, Arguments arguments)
    {
        var bound = arguments.Bind("join", 0, "d", "attribute");
        var separator = IsGiven(bound[0]) ? repr.Str(bound[0]) : TrackedText.Empty;
        var result = new TrackedTextBuilder(budget);
        var isFirst = true;
        foreach (var item in operators.Iterate(value))
        {
            result.Append(isFirst ? TrackedText.Empty : separator);
            result.Append(repr.Str(IsGiven(bound[1]) ? Pick(item, bound[1]) : item));
            isFirst = false;
        }

        return result.ToText();
    }

    /// <summary>An attribute or a path of them, such as <c>function.name</c> or <c>0</c>.</summary>
    object? Pick(object? item, object? path)
    {
        foreach (var part in path is TrackedText text ? Parts(text.Value) : [path])
        {
            item = interpreter.GetItem(item, part);
        }

        return item;

        static IEnumerable<object?> Parts(string path) =>
            path.Split('.')
                .Select(part =>
                    part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit)
                        ? BigInteger.Parse(part, CultureInfo.InvariantCulture)
                        : (object?)TrackedText.Literal(part));
    }

    Converter<object?, object?> Mapping(Arguments arguments)
    {
        if (arguments.Positional.Count == 0 && arguments.Named.TryGetValue("attribute", out var attribute))
        {
            var fallback = arguments.Named.GetValueOrDefault("default");
            return arguments.Named.Keys.All(name => name is "attribute" or "default")
                ? item => Pick(item, attribute) is var picked && picked is Undefined && fallback is not null ? fallback : picked
                : throw new TemplateFault("'map' takes an attribute and a default");
        }

        if (arguments.Positional.Count == 0 || arguments.Positional[0] is not TrackedText filter)
        {
            throw new TemplateFault("'map' needs the name of a filter or an attribute");
        }

        var rest = arguments with { Positional = [.. arguments.Positional.Skip(1)] };
        return item => Apply(filter.Value, item, rest);
    }

    IteratorValue Choose(object? value, Arguments arguments, Func<object?, object?> pick, bool keepsTrue)
    {
        if (!PythonSemantics.IsTrue(value))
        {
            return new IteratorValue([]);
        }

        Func<object?, bool> test = PythonSemantics.IsTrue;
        if (arguments.Positional.Count > 0)
        {
            var name = Arguments.Text(arguments.Positional[0])?.Value ?? throw new TemplateFault("the name of a test must be a text");
            var rest = arguments with { Positional = [.. arguments.Positional.Skip(1)] };
            test = item => IsTrue(name, item, rest);
        }

        return new IteratorValue(operators.ToList(value).FindAll(item => test(pick(item)) == keepsTrue));
    }

    Func<object?, object?> SortKey(object? isCaseSensitive, object? attribute)
    {
        var keepsCase = Arguments.Flag(isCaseSensitive, fallback: false);
        if (!IsGiven(attribute))
        {
            return Fold;
        }

        var paths = attribute is TrackedText text ? text.Value.Split(',') : null;
        return item => paths is { Length: > 1 }
            ? Array.ConvertAll(paths, path => Fold(Pick(item, TrackedText.Literal(path.Trim()))))
            : Fold(Pick(item, attribute));

        object? Fold(object? item) => item is TrackedText name && !keepsCase ? _texts.Lower(name) : item;
    }

    object? Extreme(List<object?> items, Func<object?, object?> key, bool isLargest)
    {
        if (items.Count == 0)
        {
            return new Undefined("the extreme of an empty sequence");
        }

        var best = items[0];
        var bestKey = key(best);
        foreach (var item in items.Skip(1))
        {
            var itemKey = key(item);
            var order = operators.Compare(itemKey, bestKey);
            if (isLargest ? order > 0 : order < 0)
            {
                (best, bestKey) = (item, itemKey);
            }
        }

        return best;
    }

    List<object?> Unique(object? value, Arguments arguments)
    {
        var bound = arguments.Bind("unique", 0, "case_sensitive", "attribute");
        var key = SortKey(bound[0], bound[1]);
        var seen = new TemplateDictionary();
        var seenNone = false;
        return operators.ToList(value).FindAll(item =>
        {
            var itemKey = key(item);
            var isNew = itemKey is null ? !seenNone : !seen.TryGet(itemKey, out _);
            seenNone |= itemKey is null;
            if (isNew && itemKey is not null)
            {
                seen.Set(itemKey, null);
            }

            return isNew;
        });
    }

    List<object?> SortDictionary(object? value, Arguments arguments)
    {
        var bound = arguments.Bind("dictsort", 0, "case_sensitive", "by", "reverse");
        var by = Arguments.Text(bound[1])?.Value ?? "key";
        if (value is not TemplateDictionary dictionary || by is not ("key" or "value"))
        {
            throw value is Undefined undefined ? undefined.Fault() : new TemplateFault("'dictsort' sorts a dict by 'key' or 'value'");
        }

        var key = SortKey(bound[0], Arguments.Absent);
        var pairs = new DictionaryView(dictionary, DictionaryViewKind.Items).Items;
        return operators.Sort(pairs, pair => key(((object?[])pair!)[by == "key" ? 0 : 1]), Arguments.Flag(bound[2], fallback: false));
    }

    List<object?> Group(object? value, Arguments arguments)
    {
        var bound = arguments.Bind("groupby", 1, "attribute", "default", "case_sensitive");
        object? KeyOf(object? item) => Pick(item, bound[0]) is var picked && picked is Undefined && IsGiven(bound[1]) ? bound[1] : picked;
        object? Fold(object? key) => key is TrackedText text && !Arguments.Flag(bound[2], fallback: false) ? _texts.Lower(text) : key;
        var groups = new List<object?>();
        object? last = null;
        foreach (var item in operators.Sort(operators.ToList(value), item => Fold(KeyOf(item)), isReversed: false))
        {
            var key = Fold(KeyOf(item));
            if (groups.Count == 0 || !operators.Equal(key, last))
            {
                groups.Add(new object?[] { KeyOf(item), new List<object?>() });
                last = key;
            }

            ((List<object?>)((object?[])groups[^1]!)[1]!).Add(item);
        }

        return groups;
    }

    List<object?> Batch(object? value, int size, object? fill)
    {
        var batches = operators.ToList(value).Chunk(Math.Max(size, 1)).Select(chunk => chunk.ToList()).ToList();
        if (IsGiven(fill) && batches is [.., var last])
        {
            budget.Spend(size - last.Count);
            last.AddRange(Enumerable.Repeat(fill, Math.Max(size - last.Count, 0)));
        }

        return batches.ConvertAll<object?>(batch => batch);
    }

    List<object?> Slices(List<object?> items, int count, object? fill)
    {
        if (count < 1)
        {
            throw new TemplateFault("'slice' needs at least one slice");
        }

        budget.Spend(count);
        var slices = new List<object?>();
        var (length, longer) = Math.DivRem(items.Count, count);
        var start = 0;
        for (var index = 0; index < count; index++)
        {
            var slice = items.GetRange(start, length + (index < longer ? 1 : 0));
            start += slice.Count;
            if (IsGiven(fill) && index >= longer)
            {
                slice.Add(fill);
            }

            slices.Add(slice);
        }

        return slices;
    }

    int CountWords(string text)
    {
        budget.SpendText(text.Length);
        var count = 0;
        var isInside = false;
        foreach (var character in text)
        {
            var isWord = char.IsLetterOrDigit(character) || character == '_';
            count += isWord && !isInside ? 1 : 0;
            isInside = isWord;
        }

        return count;
    }

    static TemplateDictionary NamedArguments(Arguments arguments)
    {
        var dictionary = new TemplateDictionary();
        foreach (var (name, value) in arguments.Named)
        {
            dictionary.Set(TrackedText.Literal(name), value);
        }

        return dictionary;
    }

    static bool IsGiven(object? value) => value is not null && value != Arguments.Absent;

    static object? Given(object? value, object? fallback) => value == Arguments.Absent ? fallback : value;
}
