using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Noos.Core;

namespace Noos.Language.Templates.Values;

/// <summary>JSON to values and, as Python's <c>json.dumps</c> writes it, back.</summary>
sealed class JsonText(Operators operators, RenderBudget budget)
{
    string _itemSeparator = ", ";
    string _keySeparator = ": ";
    TrackedText? _indent;
    bool _isAscii;
    bool _sortsKeys;

    /// <summary>The value of JSON; its texts and keys count as data.</summary>
    public static object? Read(JsonElement element)
    {
        RenderBudget.EnsureStack();
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var dictionary = new TemplateDictionary();
                foreach (var property in element.EnumerateObject())
                {
                    dictionary.Set(TrackedText.Data(property.Name), Read(property.Value));
                }

                return dictionary;
            case JsonValueKind.Array:
                return element.EnumerateArray().Select(Read).ToList();
            case JsonValueKind.String:
                return TrackedText.Data(element.GetString()!);
            case JsonValueKind.Number:
                var text = element.GetRawText();
                return text.AsSpan().IndexOfAny(".eE") >= 0 || text.Length > 1000
                    ? double.Parse(text, CultureInfo.InvariantCulture)
                    : BigInteger.Parse(text, CultureInfo.InvariantCulture);
            case JsonValueKind.True:
            case JsonValueKind.False:
                return element.GetBoolean();
            default:
                return null;
        }
    }

    /// <summary>The filter <c>tojson</c> as transformers defines it.</summary>
    public TrackedText Write(object? value, Arguments arguments)
    {
        var bound = arguments.Bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        _isAscii = Arguments.Flag(bound[0], fallback: false);
        _sortsKeys = Arguments.Flag(bound[3], fallback: false);
        if (bound[1] != Arguments.Absent && bound[1] is not null)
        {
            _itemSeparator = ",";
            _indent = bound[1] as TrackedText ?? Spaces(PythonSemantics.ToInteger(bound[1]));
        }

        if (bound[2] != Arguments.Absent && bound[2] is not null)
        {
            var separators = operators.ToList(bound[2]);
            (_itemSeparator, _keySeparator) = separators is [TrackedText item, TrackedText key]
                ? (item.Value, key.Value)
                : throw new TemplateFault("the separators of tojson must be two texts");
        }

        var text = new TrackedTextBuilder(budget);
        Write(text, value, 0);
        return text.ToText();
    }

    static TrackedText Spaces(BigInteger count) => count <= 1000
        ? TrackedText.Literal(new string(' ', Math.Max((int)count, 0)))
        : throw new TemplateFault("the indentation of tojson is too wide", ErrorKind.Refused);

    void Write(TrackedTextBuilder text, object? value, int depth)
    {
        budget.Spend();
        RenderBudget.EnsureStack();
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool flag:
                text.Append(flag ? "true" : "false");
                break;
            case BigInteger number:
                text.Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                text.Append(FloatText(number));
                break;
            case TrackedText content:
                Quote(text, content);
                break;
            case List<object?> list:
                WriteItems(text, list, depth);
                break;
            case object?[] tuple:
                WriteItems(text, tuple, depth);
                break;
            case TemplateDictionary dictionary:
                WritePairs(text, dictionary, depth);
                break;
            default:
                throw new TemplateFault($"a value of type {PythonSemantics.TypeName(value)} cannot be written as JSON");
        }
    }

    void WriteItems(TrackedTextBuilder text, IReadOnlyCollection<object?> items, int depth)
    {
        text.Append('[');
        var isFirst = true;
        foreach (var item in items)
        {
            Separate(text, isFirst, depth + 1);
            Write(text, item, depth + 1);
            isFirst = false;
        }

        if (items.Count > 0)
        {
            BreakLine(text, depth);
        }

        text.Append(']');
    }

    void WritePairs(TrackedTextBuilder text, TemplateDictionary dictionary, int depth)
    {
        text.Append('{');
        var keys = _sortsKeys ? operators.Sort(dictionary.Keys, key => key, isReversed: false) : [.. dictionary.Keys];
        var isFirst = true;
        foreach (var key in keys)
        {
            Separate(text, isFirst, depth + 1);
            Quote(text, key as TrackedText ?? TrackedText.Literal(key switch
            {
                bool flag => flag ? "true" : "false",
                double number => FloatText(number),
                _ => ((BigInteger)key!).ToString(CultureInfo.InvariantCulture),
            }));
            text.Append(_keySeparator);
            dictionary.TryGet(key, out var value);
            Write(text, value, depth + 1);
            isFirst = false;
        }

        if (!isFirst)
        {
            BreakLine(text, depth);
        }

        text.Append('}');
    }

    void Separate(TrackedTextBuilder text, bool isFirst, int depth)
    {
        text.Append(isFirst ? "" : _itemSeparator);
        BreakLine(text, depth);
    }

    void BreakLine(TrackedTextBuilder text, int depth)
    {
        if (_indent is not null)
        {
            text.Append('\n');
            for (var level = 0; level < depth; level++)
            {
                text.Append(_indent);
            }
        }
    }

    void Quote(TrackedTextBuilder text, TrackedText content)
    {
        text.Append('"');
        var copied = 0;
        for (var offset = 0; offset < content.Value.Length; offset++)
        {
            var character = content.Value[offset];
            var escaped = character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\f' => "\\f",
                '\b' => "\\b",
                < ' ' => $"\\u{(int)character:x4}",
                > '~' when _isAscii => $"\\u{(int)character:x4}",
                _ => null,
            };
            if (escaped is not null)
            {
                text.Append(content, copied, offset);
                text.Append(escaped, content.IsDataAt(offset));
                copied = offset + 1;
            }
        }

        text.Append(content, copied, content.Value.Length);
        text.Append('"');
    }

    static string FloatText(double number) =>
        double.IsNaN(number)
            ? "NaN"
            : double.IsInfinity(number)
            ? (number > 0 ? "Infinity" : "-Infinity")
            : PythonSemantics.FloatText(number);
}
