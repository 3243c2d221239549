using System.Globalization;
using System.Numerics;
using System.Text;

namespace Noos.Language.Templates.Values;

/// <summary>Python's <c>str</c> and <c>repr</c>.</summary>
sealed class PythonRepr(RenderBudget budget)
{
    /// <summary>The value as <c>{{ value }}</c> prints it: <c>str()</c>, empty for what is undefined.</summary>
    public TrackedText Str(object? value) => value as TrackedText ?? (value is Undefined ? TrackedText.Empty : Repr(value));

    /// <summary>The value as Python would write it in a program: <c>repr()</c>.</summary>
    public TrackedText Repr(object? value)
    {
        var text = new TrackedTextBuilder(budget);
        Write(text, value);
        return text.ToText();
    }

    void Write(TrackedTextBuilder text, object? value)
    {
        budget.Spend();
        RenderBudget.EnsureStack();
        switch (value)
        {
            case null:
                text.Append("None");
                break;
            case bool flag:
                text.Append(flag ? "True" : "False");
                break;
            case BigInteger number:
                text.Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                text.Append(PythonSemantics.FloatText(number));
                break;
            case TrackedText content:
                Quote(text, content);
                break;
            case List<object?> list:
                WriteItems(text, "[", list, "]");
                break;
            case object?[] tuple:
                WriteItems(text, "(", tuple, tuple.Length == 1 ? ",)" : ")");
                break;
            case TemplateDictionary dictionary:
                WritePairs(text, dictionary);
                break;
            case NamespaceValue space:
                text.Append("<Namespace ");
                WritePairs(text, space.Attributes);
                text.Append('>');
                break;
            case DictionaryView view:
                WriteItems(text,
                    view.Kind switch
                    {
                        DictionaryViewKind.Keys => "dict_keys([",
                        DictionaryViewKind.Values => "dict_values([",
                        _ => "dict_items([",
                    }, view.Items, "])");
                break;
            case RangeValue range:
                text.Append(range.Step.IsOne ? $"range({range.Start}, {range.Stop})" : $"range({range.Start}, {range.Stop}, {range.Step})");
                break;
            case Undefined:
                text.Append("Undefined");
                break;
            default:
                text.Append($"<{PythonSemantics.TypeName(value)}>");
                break;
        }
    }

    void WriteItems(TrackedTextBuilder text, string open, IEnumerable<object?> items, string close)
    {
        text.Append(open);
        var isFirst = true;
        foreach (var item in items)
        {
            text.Append(isFirst ? "" : ", ");
            Write(text, item);
            isFirst = false;
        }

        text.Append(close);
    }

    void WritePairs(TrackedTextBuilder text, TemplateDictionary dictionary)
    {
        text.Append('{');
        var isFirst = true;
        foreach (var (key, value) in dictionary.Items)
        {
            text.Append(isFirst ? "" : ", ");
            Write(text, key);
            text.Append(": ");
            Write(text, value);
            isFirst = false;
        }

        text.Append('}');
    }

    static void Quote(TrackedTextBuilder text, TrackedText content)
    {
        var quote = content.Value.Contains('\'', StringComparison.Ordinal) && !content.Value.Contains('"', StringComparison.Ordinal)
            ? '"'
            : '\'';
        text.Append(quote);
        var offset = 0;
        while (offset < content.Value.Length)
        {
            var isData = content.IsDataAt(offset);
            var isRune = Rune.TryGetRuneAt(content.Value, offset, out var rune);
            var code = isRune ? rune.Value : content.Value[offset];
            var length = isRune ? rune.Utf16SequenceLength : 1;
            var escaped = code switch
            {
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\\' => "\\\\",
                _ when code == quote => $"\\{quote}",
                _ when isRune && IsPrintable(rune) => null,
                < 0x100 => $"\\x{code:x2}",
                < 0x10000 => $"\\u{code:x4}",
                _ => $"\\U{code:x8}",
            };
            if (escaped is null)
            {
                text.Append(content, offset, offset + length);
            }
            else
            {
                text.Append(escaped, isData);
            }

            offset += length;
        }

        text.Append(quote);
    }

    static bool IsPrintable(Rune rune) =>
        rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
