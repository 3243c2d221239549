using System.Numerics;
using System.Text;
using Noos.Core;
using Noos.Language.Templates.Values;

namespace Noos.Language.Templates.Rendering;

/// <summary>The methods of Python's strings. What they give keeps the origin of each character.</summary>
sealed class TextMethods(Operators operators, RenderBudget budget)
{
    const int MaxPadding = 1_000_000;

    /// <summary>A method, or null when there is none of the name.</summary>
    public FunctionValue? Find(TrackedText text, string name)
    {
        Func<Arguments, object?>? method = name switch
        {
            "strip" => arguments => Strip(text, arguments, atStart: true, atEnd: true),
            "lstrip" => arguments => Strip(text, arguments, atStart: true, atEnd: false),
            "rstrip" => arguments => Strip(text, arguments, atStart: false, atEnd: true),
            "split" => arguments => Split(text, arguments, fromEnd: false),
            "rsplit" => arguments => Split(text, arguments, fromEnd: true),
            "splitlines" =>
                arguments => SplitLines(
                    text, Arguments.Flag(arguments.Bind(name, 0, "keepends")[0], fallback: false)).ConvertAll<object?>(line => line),
            "partition" => arguments => Partition(text, Wanted(arguments), fromEnd: false),
            "rpartition" => arguments => Partition(text, Wanted(arguments), fromEnd: true),
            "startswith" => arguments => HasEnd(text, arguments, atStart: true),
            "endswith" => arguments => HasEnd(text, arguments, atStart: false),
            "removeprefix" => arguments => Wanted(arguments).Value is var prefix && text.Value.StartsWith(prefix, StringComparison.Ordinal)
                ? text.Cut(prefix.Length, text.Value.Length)
                : text,
            "removesuffix" =>
                arguments => Wanted(arguments).Value is { Length: > 0 } suffix && text.Value.EndsWith(suffix, StringComparison.Ordinal)
                ? text.Cut(0, text.Value.Length - suffix.Length)
                : text,
            "replace" => arguments => Replace(text, arguments),
            "find" => arguments => Position(text, arguments, fromEnd: false, mustBe: false),
            "rfind" => arguments => Position(text, arguments, fromEnd: true, mustBe: false),
            "index" => arguments => Position(text, arguments, fromEnd: false, mustBe: true),
            "rindex" => arguments => Position(text, arguments, fromEnd: true, mustBe: true),
            "count" => arguments => Count(text, Wanted(arguments)),
            "join" => arguments => Join(text, arguments.Bind(name, 1, "items")[0]),
            "format" => arguments => new TextFormat(operators, budget).Format(text, arguments),
            "upper" => arguments => Plain(arguments, () => Upper(text)),
            "lower" or "casefold" => arguments => Plain(arguments, () => Map(text, static rune => Rune.ToLowerInvariant(rune).ToString())),
            "swapcase" =>
                arguments => Plain(arguments, () =>
                    Map(text, static rune => Rune.IsUpper(rune) ? Rune.ToLowerInvariant(rune).ToString() : UpperOf(rune))),
            "capitalize" => arguments => Plain(arguments, () => Capitalize(text)),
            "title" => arguments => Plain(arguments, () => Title(text)),
            "center" or "ljust" or "rjust" => arguments => Pad(text, name, arguments),
            "zfill" => arguments => FillWithZeros(text, PythonSemantics.ToInteger(arguments.Bind(name, 1, "width")[0])),
            "expandtabs" => arguments => ExpandTabs(text, Arguments.Integer(arguments.Bind(name, 0, "tabsize")[0]) ?? 8),
            "isspace" => arguments => Plain(arguments, () => text.Value.Length > 0 && text.Value.All(PythonSemantics.IsSpace)),
            "isdigit" or "isdecimal" or "isnumeric" => arguments => Plain(arguments, () => All(text, static rune => Rune.IsDigit(rune))),
            "isalpha" => arguments => Plain(arguments, () => All(text, static rune => Rune.IsLetter(rune))),
            "isalnum" => arguments => Plain(arguments, () => All(text, static rune => Rune.IsLetterOrDigit(rune) || Rune.IsNumber(rune))),
            "isascii" => arguments => Plain(arguments, () => Ascii.IsValid(text.Value)),
            "isupper" => arguments =>
                Plain(arguments, () => text.Value.EnumerateRunes().Any(Rune.IsUpper) && !text.Value.EnumerateRunes().Any(Rune.IsLower)),
            "islower" => arguments =>
                Plain(arguments, () => text.Value.EnumerateRunes().Any(Rune.IsLower) && !text.Value.EnumerateRunes().Any(Rune.IsUpper)),
            _ => null,
        };
        return method is null ? null : new FunctionValue(name, arguments =>
        {
            budget.SpendText(text.Value.Length);
            return method(arguments);
        });
    }

    public static bool IsLower(TrackedText text) =>
        text.Value.EnumerateRunes().Any(Rune.IsLower) && !text.Value.EnumerateRunes().Any(Rune.IsUpper);

    public static bool IsUpper(TrackedText text) =>
        text.Value.EnumerateRunes().Any(Rune.IsUpper) && !text.Value.EnumerateRunes().Any(Rune.IsLower);

    public TrackedText Strip(TrackedText text, TrackedText? characters, bool atStart = true, bool atEnd = true)
    {
        budget.SpendText(text.Value.Length);
        Func<char, bool> isStripped = characters is null ? PythonSemantics.IsSpace : new HashSet<char>(characters.Value).Contains;
        var (start, end) = (0, text.Value.Length);
        while (atStart && start < end && isStripped(text.Value[start]))
        {
            start++;
        }

        while (atEnd && end > start && isStripped(text.Value[end - 1]))
        {
            end--;
        }

        return text.Cut(start, end);
    }

    public TrackedText Replace(TrackedText text, TrackedText old, TrackedText replacement, BigInteger count)
    {
        replacement = text.IsSafe ? operators.Escape(replacement) : replacement;
        var result = new TrackedTextBuilder(budget);
        var position = 0;
        while (count != 0)
        {
            // Between all characters where there is nothing to look for.
            var found = old.Value.Length > 0 ? operators.Find(text.Value, old.Value, position, text.Value.Length)
                : position <= text.Value.Length ? position
                : -1;
            if (found < 0)
            {
                break;
            }

            result.Append(text, position, found);
            result.Append(replacement);
            position = found + old.Value.Length;
            count--;
            if (old.Value.Length == 0)
            {
                var next = position < text.Value.Length && char.IsSurrogatePair(text.Value, position) ? position + 2 : position + 1;
                result.Append(text, position, Math.Min(next, text.Value.Length));
                position = next;
            }
        }

        result.Append(text, Math.Min(position, text.Value.Length), text.Value.Length);
        return result.ToText(text.IsSafe);
    }

    public List<TrackedText> SplitLines(TrackedText text, bool keepEnds)
    {
        budget.SpendText(text.Value.Length);
        var lines = new List<TrackedText>();
        var start = 0;
        for (var index = 0; index < text.Value.Length; index++)
        {
            if (!PythonSemantics.IsLineEnd(text.Value[index]))
            {
                continue;
            }

            var next = text.Value[index] == '\r' && index + 1 < text.Value.Length && text.Value[index + 1] == '\n' ? index + 2 : index + 1;
            lines.Add(Part(text, start, keepEnds ? next : index));
            start = next;
            index = next - 1;
        }

        if (start < text.Value.Length)
        {
            lines.Add(Part(text, start, text.Value.Length));
        }

        return lines;
    }

    public TrackedText Join(TrackedText separator, object? items)
    {
        var result = new TrackedTextBuilder(budget);
        var isFirst = true;
        foreach (var item in operators.Iterate(items))
        {
            var text = item as TrackedText
                ?? throw new TemplateFault($"'join' joins texts, and there is a value of type {PythonSemantics.TypeName(item)}");
            if (!isFirst)
            {
                result.Append(separator);
            }

            result.Append(separator.IsSafe ? operators.Escape(text) : text);
            isFirst = false;
        }

        return result.ToText(separator.IsSafe);
    }

    public TrackedText Upper(TrackedText text) => Map(text, UpperOf);

    public TrackedText Lower(TrackedText text) => Map(text, static rune => Rune.ToLowerInvariant(rune).ToString());

    public TrackedText Capitalize(TrackedText text)
    {
        var isFirst = true;
        return Map(text, rune =>
        {
            var mapped = isFirst ? TitleOf(rune) : Rune.ToLowerInvariant(rune).ToString();
            isFirst = false;
            return mapped;
        });
    }

    /// <summary>Maps characters one by one.</summary>
    public TrackedText Map(TrackedText text, Func<Rune, string> map)
    {
        var result = new TrackedTextBuilder(budget);
        var offset = 0;
        foreach (var rune in text.Value.EnumerateRunes())
        {
            budget.Spend();
            result.Append(map(rune), text.IsDataAt(offset));
            offset += rune.Utf16SequenceLength;
        }

        return result.ToText(text.IsSafe);
    }

    static object Plain(Arguments arguments, Func<object> method)
    {
        arguments.Bind("the method", 0);
        return method();
    }

    static TrackedText Wanted(Arguments arguments) => Needed(arguments.Bind("the method", 1, "text")[0]);

    static TrackedText Needed(object? value) => Arguments.Text(value) ?? throw new TemplateFault("a text is needed where None stands");

    TrackedText Strip(TrackedText text, Arguments arguments, bool atStart, bool atEnd) =>
        Strip(text, Arguments.Text(arguments.Bind("strip", 0, "chars")[0]), atStart, atEnd);

    TrackedText Replace(TrackedText text, Arguments arguments)
    {
        var bound = arguments.Bind("replace", 2, "old", "new", "count");
        return Replace(text, Needed(bound[0]), Needed(bound[1]), Arguments.Integer(bound[2]) ?? -1);
    }

    List<object?> Split(TrackedText text, Arguments arguments, bool fromEnd)
    {
        var bound = arguments.Bind("split", 0, "sep", "maxsplit");
        var limit = PythonSemantics.ToInt32(Arguments.Integer(bound[1]) ?? -1);
        limit = limit < 0 ? int.MaxValue : limit;
        var separator = Arguments.Text(bound[0]);
        if (separator is { Value.Length: 0 })
        {
            throw new TemplateFault("'split' needs a separator that is not empty");
        }

        var parts = separator is null ? SplitAtSpace(text, limit, fromEnd)
            : fromEnd ? SplitFromEnd(text, separator.Value, limit)
            : SplitFromStart(text, separator.Value, limit);
        budget.Spend(parts.Count);
        return parts;
    }

    List<object?> SplitFromStart(TrackedText text, string separator, int limit)
    {
        var parts = new List<object?>();
        var start = 0;
        while (parts.Count < limit && operators.Find(text.Value, separator, start, text.Value.Length) is var found and >= 0)
        {
            parts.Add(Part(text, start, found));
            start = found + separator.Length;
        }

        parts.Add(Part(text, start, text.Value.Length));
        return parts;
    }

    List<object?> SplitFromEnd(TrackedText text, string separator, int limit)
    {
        var parts = new List<object?>();
        var end = text.Value.Length;
        while (parts.Count < limit && operators.FindLast(text.Value, separator, 0, end) is var found and >= 0)
        {
            parts.Add(Part(text, found + separator.Length, end));
            end = found;
        }

        parts.Add(Part(text, 0, end));
        parts.Reverse();
        return parts;
    }

    List<object?> SplitAtSpace(TrackedText text, int limit, bool fromEnd)
    {
        var words = new List<(int Start, int End)>();
        for (var index = 0; index < text.Value.Length; index++)
        {
            if (PythonSemantics.IsSpace(text.Value[index]))
            {
                continue;
            }

            var start = index;
            while (index < text.Value.Length && !PythonSemantics.IsSpace(text.Value[index]))
            {
                index++;
            }

            words.Add((start, index));
        }

        if (words.Count > limit && fromEnd)
        {
            // All that is left stays one part, without the white space at its end.
            words[words.Count - limit - 1] = (0, words[words.Count - limit - 1].End);
            words.RemoveRange(0, words.Count - limit - 1);
        }
        else if (words.Count > limit)
        {
            words[limit] = (words[limit].Start, text.Value.Length);
            words.RemoveRange(limit + 1, words.Count - limit - 1);
        }

        return words.ConvertAll(object? (word) => Part(text, word.Start, word.End));
    }

    object?[] Partition(TrackedText text, TrackedText separator, bool fromEnd)
    {
        if (separator.Value.Length == 0)
        {
            throw new TemplateFault("'partition' needs a separator that is not empty");
        }

        var found = fromEnd
            ? operators.FindLast(text.Value, separator.Value, 0, text.Value.Length)
            : operators.Find(text.Value, separator.Value, 0, text.Value.Length);
        if (found < 0)
        {
            return fromEnd ? [TrackedText.Empty, TrackedText.Empty, text] : [text, TrackedText.Empty, TrackedText.Empty];
        }

        var end = found + separator.Value.Length;
        return [text.Cut(0, found), text.Cut(found, end), text.Cut(end, text.Value.Length)];
    }

    bool HasEnd(TrackedText text, Arguments arguments, bool atStart)
    {
        var bound = arguments.Bind(atStart ? "startswith" : "endswith", 1, "text", "start", "end");
        var (start, end) = Range(text, bound[1], bound[2]);
        if (end < start)
        {
            return false;
        }

        var part = text.Value.AsSpan(start, end - start);
        foreach (var wanted in bound[0] as object?[] ?? [bound[0]])
        {
            var value = Needed(wanted).Value;
            if (atStart ? part.StartsWith(value, StringComparison.Ordinal) : part.EndsWith(value, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    BigInteger Position(TrackedText text, Arguments arguments, bool fromEnd, bool mustBe)
    {
        var bound = arguments.Bind("find", 1, "text", "start", "end");
        var wanted = Needed(bound[0]).Value;
        var (start, end) = Range(text, bound[1], bound[2]);
        var found = fromEnd ? operators.FindLast(text.Value, wanted, start, end) : operators.Find(text.Value, wanted, start, end);
        return found >= 0 ? new BigInteger(text.IndexOf(found))
            : mustBe ? throw new TemplateFault("the text does not hold what 'index' looks for")
            : BigInteger.MinusOne;
    }

    /// <summary>UTF-16 positions of a range of code points.</summary>
    static (int Start, int End) Range(TrackedText text, object? start, object? end)
    {
        var length = text.Length;
        return (text.OffsetOf(Bound(Arguments.Integer(start) ?? 0)), text.OffsetOf(Bound(Arguments.Integer(end) ?? length)));

        int Bound(BigInteger value) => (int)BigInteger.Min(BigInteger.Max(value.Sign < 0 ? value + length : value, 0), length);
    }

    BigInteger Count(TrackedText text, TrackedText part)
    {
        if (part.Value.Length == 0)
        {
            return new BigInteger(text.Length + 1);
        }

        var count = 0;
        var position = 0;
        while (operators.Find(text.Value, part.Value, position, text.Value.Length) is var found and >= 0)
        {
            count++;
            position = found + part.Value.Length;
        }

        return new BigInteger(count);
    }

    TrackedText Title(TrackedText text)
    {
        var isInside = false;
        return Map(text, rune =>
        {
            var mapped = isInside ? Rune.ToLowerInvariant(rune).ToString() : TitleOf(rune);
            isInside = Rune.IsLetter(rune);
            return mapped;
        });
    }

    TrackedText Pad(TrackedText text, string name, Arguments arguments)
    {
        var bound = arguments.Bind(name, 1, "width", "fillchar");
        var fill = Arguments.Text(bound[1]) ?? TrackedText.Literal(" ");
        if (fill.Length != 1)
        {
            throw new TemplateFault($"'{name}' fills with one character");
        }

        return Pad(text, PythonSemantics.ToInteger(bound[0]), name switch { "ljust" => '<', "rjust" => '>', _ => '^' }, fill);
    }

    /// <summary>Fills a text up to a width.</summary>
    /// <param name="alignment">&lt; to the left, &gt; to the right, ^ in the middle.</param>
    TrackedText Pad(TrackedText text, BigInteger width, char alignment, TrackedText fill)
    {
        if (width > MaxPadding)
        {
            throw new TemplateFault($"a text may be padded to at most {MaxPadding} characters", ErrorKind.Refused);
        }

        var missing = Math.Max((int)width - text.Length, 0);
        // Python's centring leaves the odd place on the left where the width is odd.
        var before = alignment switch { '<' => 0, '>' => missing, _ => (missing / 2) + (missing & (int)width & 1) };
        var result = new TrackedTextBuilder(budget);
        for (var index = 0; index < before; index++)
        {
            result.Append(fill);
        }

        result.Append(text);
        for (var index = before; index < missing; index++)
        {
            result.Append(fill);
        }

        return result.ToText(text.IsSafe);
    }

    public TrackedText Center(TrackedText text, BigInteger width) => Pad(text, width, '^', TrackedText.Literal(" "));

    TrackedText FillWithZeros(TrackedText text, BigInteger width)
    {
        var zero = TrackedText.Literal("0");
        if (text.Value.Length == 0 || text.Value[0] is not ('-' or '+'))
        {
            return Pad(text, width, '>', zero);
        }

        var result = new TrackedTextBuilder(budget);
        result.Append(text, 0, 1);
        result.Append(Pad(text.Cut(1, text.Value.Length), width - 1, '>', zero));
        return result.ToText(text.IsSafe);
    }

    TrackedText ExpandTabs(TrackedText text, BigInteger size)
    {
        if (size > MaxPadding)
        {
            throw new TemplateFault("a tab is too wide", ErrorKind.Refused);
        }

        var column = 0;
        return Map(text, rune =>
        {
            if (rune.Value != '\t')
            {
                column = rune.Value is '\n' or '\r' ? 0 : column + 1;
                return rune.ToString();
            }

            var width = size.Sign > 0 ? (int)size - (column % (int)size) : 0;
            column += width;
            budget.SpendText(width);
            return new string(' ', width);
        });
    }

    TrackedText Part(TrackedText text, int start, int end)
    {
        budget.Spend();
        return text.Cut(start, end);
    }

    static bool All(TrackedText text, Predicate<Rune> predicate) =>
        text.Value.Length > 0 && text.Value.EnumerateRunes().All(rune => predicate(rune));

    // The few characters whose upper case is longer; the rest of Unicode's SpecialCasing.txt is Greek with diacritics.
    static string UpperOf(Rune rune) => rune.Value switch
    {
        '\u00DF' => "SS",
        '\u0149' => "\u02BCN",
        '\u01F0' => "J\u030C",
        '\uFB00' => "FF",
        '\uFB01' => "FI",
        '\uFB02' => "FL",
        '\uFB03' => "FFI",
        '\uFB04' => "FFL",
        '\uFB05' or '\uFB06' => "ST",
        _ => Rune.ToUpperInvariant(rune).ToString(),
    };

    static string TitleOf(Rune rune)
    {
        var upper = UpperOf(rune);
        return upper.Length > 1 && char.IsAsciiLetter(upper[0]) ? upper[0] + upper[1..].ToLowerInvariant() : upper;
    }
}
