using System.Globalization;
using System.Numerics;
using System.Text;
using Noos.Core;
using Noos.Language.Templates.Values;

namespace Noos.Language.Templates.Rendering;

/// <summary>Python's <c>str.format</c> and <c>%</c>.</summary>
sealed class TextFormat(Operators operators, RenderBudget budget)
{
    const int MaxFieldWidth = 10_000;

    readonly PythonRepr _repr = new(budget);
    int _next;

    /// <summary><c>'{} {0} {name}'.format(...)</c>.</summary>
    public TrackedText Format(TrackedText format, Arguments arguments)
    {
        var result = new TrackedTextBuilder(budget);
        var text = format.Value;
        var position = 0;
        while (position < text.Length)
        {
            var brace = text.AsSpan(position).IndexOfAny('{', '}');
            if (brace < 0)
            {
                break;
            }

            brace += position;
            result.Append(format, position, brace);
            if (brace + 1 < text.Length && text[brace + 1] == text[brace])
            {
                result.Append(format, brace, brace + 1);
                position = brace + 2;
                continue;
            }

            var end = text.IndexOf('}', brace);
            if (text[brace] == '}' || end < 0 || text.AsSpan(brace + 1, end - brace - 1).Contains('{'))
            {
                throw new TemplateFault("a format has a brace that does not fit, or a field within a field");
            }

            result.Append(Field(text[(brace + 1)..end], arguments));
            position = end + 1;
        }

        result.Append(format, position, text.Length);
        return result.ToText(format.IsSafe);
    }

    /// <summary><c>'%s' % value</c>.</summary>
    public TrackedText Percent(TrackedText format, object? value)
    {
        var result = new TrackedTextBuilder(budget);
        var text = format.Value;
        var position = 0;
        var used = 0;
        while (text.IndexOf('%', position) is var percent and >= 0)
        {
            result.Append(format, position, percent);
            var at = percent + 1;
            if (at < text.Length && text[at] == '%')
            {
                result.Append('%', format.IsDataAt(at));
                position = at + 1;
                continue;
            }

            object? argument = null;
            var isNamed = at < text.Length && text[at] == '(';
            if (isNamed)
            {
                var end = text.IndexOf(')', at);
                if (end < 0 || value is not TemplateDictionary dictionary
                    || !dictionary.TryGet(TrackedText.Literal(text[(at + 1)..end]), out argument))
                {
                    throw new TemplateFault("a format names a value that is not there");
                }

                at = end + 1;
            }

            var flagsEnd = at;
            while (flagsEnd < text.Length && "#0- +".Contains(text[flagsEnd], StringComparison.Ordinal))
            {
                flagsEnd++;
            }

            var flags = text[at..flagsEnd];
            at = flagsEnd;
            var width = Digits(text, ref at);
            int? precision = null;
            if (at < text.Length && text[at] == '.')
            {
                at++;
                precision = Digits(text, ref at) ?? 0;
            }

            if (at >= text.Length)
            {
                throw new TemplateFault("a format ends in the middle");
            }

            if (!isNamed)
            {
                argument = value is object?[] tuple
                    ? (used < tuple.Length ? tuple[used] : throw new TemplateFault("a format has too few values"))
                    : used == 0 ? value
                    : throw new TemplateFault("a format has too few values");
                used++;
            }

            result.Append(PercentField(text[at], argument, flags, width ?? 0, precision, format.IsSafe));
            position = at + 1;
        }

        if (value is object?[] all ? used < all.Length : used == 0 && value is not (TemplateDictionary or List<object?>))
        {
            throw new TemplateFault("a format has too many values");
        }

        result.Append(format, position, text.Length);
        return result.ToText(format.IsSafe);
    }

    TrackedText PercentField(char type, object? value, string flags, int width, int? precision, bool isSafe)
    {
        var alignment = flags.Contains('-', StringComparison.Ordinal) ? '<' : '>';
        var sign = flags.Contains('+', StringComparison.Ordinal) ? '+' : flags.Contains(' ', StringComparison.Ordinal) ? ' ' : '-';
        var zero = flags.Contains('0', StringComparison.Ordinal) && alignment == '>';
        switch (type)
        {
            case 's':
            case 'r':
            case 'a':
                var text = type == 's' ? _repr.Str(value) : _repr.Repr(value);
                text = isSafe ? operators.Escape(text) : text;
                text = precision < text.Length ? text.Cut(0, text.OffsetOf(precision.Value)) : text;
                return Pad(text, width, alignment, ' ');
            case 'd' or 'i' or 'u':
                var integer = value is double number ? Truncate(number) : PythonSemantics.ToInteger(value);
                return Number(integer.Sign < 0, BigInteger.Abs(integer).ToString(CultureInfo.InvariantCulture), sign, width,
                    zero ? '=' : alignment, zero ? '0' : ' ');
            case 'x' or 'X' or 'o':
                var whole = PythonSemantics.ToInteger(value);
                return Number(whole.Sign < 0, Radix(BigInteger.Abs(whole), type), sign, width, zero ? '=' : alignment, zero ? '0' : ' ');
            case 'f' or 'F' or 'e' or 'E' or 'g' or 'G':
                var real = Float(value);
                return Number(double.IsNegative(real), FloatDigits(Math.Abs(real), type, precision ?? 6), sign, width,
                    zero ? '=' : alignment, zero ? '0' : ' ');
            default:
                throw new TemplateFault($"a format has the unknown field '%{type}'");
        }
    }

    TrackedText Field(string field, Arguments arguments)
    {
        var colon = field.IndexOf(':', StringComparison.Ordinal);
        var (name, specification) = colon < 0 ? (field, "") : (field[..colon], field[(colon + 1)..]);
        var conversion = name.IndexOf('!', StringComparison.Ordinal);
        var kind = conversion < 0 ? "" : name[(conversion + 1)..];
        name = conversion < 0 ? name : name[..conversion];
        object? value;
        if (name.Length == 0 || name.All(char.IsAsciiDigit))
        {
            var index = name.Length == 0 ? _next++ : name.Length < 9 ? int.Parse(name, CultureInfo.InvariantCulture) : int.MaxValue;
            value = index < arguments.Positional.Count
                ? arguments.Positional[index]
                : throw new TemplateFault("a format has too few values");
        }
        else if (!arguments.Named.TryGetValue(name, out value))
        {
            throw new TemplateFault($"a format names the value '{name}', which is not there");
        }

        return kind switch
        {
            "" => FieldText(value, specification),
            "s" => FieldText(_repr.Str(value), specification),
            "r" => FieldText(_repr.Repr(value), specification),
            _ => throw new TemplateFault($"a format has the unknown conversion '!{kind}'"),
        };
    }

    /// <summary>Python's format specification: <c>[[fill]align][sign][0][width][,][.precision][type]</c>.</summary>
    TrackedText FieldText(object? value, string specification)
    {
        if (specification.Length == 0)
        {
            return _repr.Str(value);
        }

        var at = 0;
        var fill = ' ';
        var alignment = '\0';
        if (specification.Length > 1 && specification[1] is '<' or '>' or '^' or '=')
        {
            (fill, alignment, at) = (specification[0], specification[1], 2);
        }
        else if (specification[0] is '<' or '>' or '^' or '=')
        {
            (alignment, at) = (specification[0], 1);
        }

        var sign = '-';
        if (at < specification.Length && specification[at] is '+' or '-' or ' ')
        {
            sign = specification[at++];
        }

        if (at < specification.Length && specification[at] == '0')
        {
            (fill, alignment) = alignment == '\0' ? ('0', '=') : (fill, alignment);
            at++;
        }

        var width = Digits(specification, ref at) ?? 0;
        var hasCommas = at < specification.Length && specification[at] == ',';
        at += hasCommas ? 1 : 0;
        int? precision = null;
        if (at < specification.Length && specification[at] == '.')
        {
            at++;
            precision = Digits(specification, ref at) ?? throw new TemplateFault("a format lacks its precision");
        }

        var type = at < specification.Length ? specification[at++] : '\0';
        if (at < specification.Length)
        {
            throw new TemplateFault($"the format '{specification}' is not understood");
        }

        if (value is TrackedText text && type is '\0' or 's')
        {
            var content = (TrackedText)value!;
            content = precision < content.Length ? content.Cut(0, content.OffsetOf(precision.Value)) : content;
            return Pad(content, width, alignment is '\0' ? '<' : alignment, fill);
        }

        alignment = alignment == '\0' ? '>' : alignment;
        if (value is double || type is 'f' or 'F' or 'e' or 'E' or 'g' or 'G' or '%')
        {
            var real = Float(value);
            var digits = type switch
            {
                '\0' when precision is null => PythonSemantics.FloatText(Math.Abs(real)),
                '\0' => FloatDigits(Math.Abs(real), 'g', precision.Value),
                '%' => FloatDigits(Math.Abs(real) * 100, 'f', precision ?? 6) + "%",
                _ => FloatDigits(Math.Abs(real), type, precision ?? 6),
            };
            return Number(double.IsNegative(real), hasCommas ? Group(digits) : digits, sign, width, alignment, fill);
        }

        var integer = value is bool or BigInteger
            ? PythonSemantics.ToInteger(value)
            : throw new TemplateFault($"a value of type {PythonSemantics.TypeName(value)} has no format '{specification}'");
        var whole = type switch
        {
            '\0' or 'd' or 'n' => BigInteger.Abs(integer).ToString(CultureInfo.InvariantCulture),
            'x' or 'X' or 'o' or 'b' => Radix(BigInteger.Abs(integer), type),
            _ => throw new TemplateFault($"the format '{specification}' is not understood"),
        };
        return Number(integer.Sign < 0, hasCommas ? Group(whole) : whole, sign, width, alignment, fill);
    }

    TrackedText Number(bool isNegative, string digits, char sign, int width, char alignment, char fill)
    {
        var mark = isNegative ? "-" : sign == '-' ? "" : sign.ToString();
        return alignment == '='
            ? TrackedText.Literal(mark + digits.PadLeft(Checked(width) - mark.Length, fill))
            : Pad(TrackedText.Literal(mark + digits), width, alignment, fill);
    }

    TrackedText Pad(TrackedText text, int width, char alignment, char fill)
    {
        var missing = Math.Max(Checked(width) - text.Length, 0);
        var before = alignment switch { '<' => 0, '^' => missing / 2, _ => missing };
        var result = new TrackedTextBuilder(budget);
        result.Append(new string(fill, before));
        result.Append(text);
        result.Append(new string(fill, missing - before));
        return result.ToText(text.IsSafe);
    }

    static int Checked(int width) =>
        width <= MaxFieldWidth
            ? width
            : throw new TemplateFault($"a field of a format may be at most {MaxFieldWidth} characters wide", ErrorKind.Refused);

    static int? Digits(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return at == start ? null : at - start < 9 ? int.Parse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture) : int.MaxValue;
    }

    static double Float(object? value) => value switch
    {
        double number => number,
        bool or BigInteger => (double)PythonSemantics.ToInteger(value),
        Undefined undefined => throw undefined.Fault(),
        _ => throw new TemplateFault($"a number is needed where a value of type {PythonSemantics.TypeName(value)} stands"),
    };

    static BigInteger Truncate(double value) =>
        double.IsFinite(value) ? new BigInteger(value) : throw new TemplateFault("a number that is not finite has no digits");

    static string Radix(BigInteger value, char type)
    {
        var radix = type switch { 'b' => 2, 'o' => 8, _ => 16 };
        var digits = new StringBuilder();
        do
        {
            value = BigInteger.DivRem(value, radix, out var digit);
            digits.Insert(0, "0123456789abcdef"[(int)digit]);
        }
        while (!value.IsZero);
        return type == 'X' ? digits.ToString().ToUpperInvariant() : digits.ToString();
    }

    static string FloatDigits(double value, char type, int precision)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : "inf";
        }

        if (precision > 100)
        {
            throw new TemplateFault("a format asks for more than 100 digits");
        }

        switch (type)
        {
            case 'f' or 'F':
                return value.ToString($"F{precision}", CultureInfo.InvariantCulture);
            case 'e' or 'E':
                return Scientific(value, precision, type);
            default:
                var digits = Math.Max(precision, 1);
                var scientific = Scientific(value, digits - 1, 'e');
                var exponent = value == 0
                    ? 0
                    : int.Parse(scientific.AsSpan(scientific.IndexOf('e', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign,
                        CultureInfo.InvariantCulture);
                if (exponent < -4 || exponent >= digits)
                {
                    var mark = scientific.IndexOf('e', StringComparison.Ordinal);
                    var short_ = Trim(scientific[..mark]) + scientific[mark..];
                    return type == 'G' ? short_.ToUpperInvariant() : short_;
                }

                return Trim(value.ToString($"F{digits - 1 - exponent}", CultureInfo.InvariantCulture));
        }

        static string Trim(string number) => number.Contains('.', StringComparison.Ordinal) ? number.TrimEnd('0').TrimEnd('.') : number;
    }

    static string Scientific(double value, int precision, char mark)
    {
        var text = value.ToString($"E{precision}", CultureInfo.InvariantCulture);
        var at = text.IndexOf('E', StringComparison.Ordinal);
        return $"{text[..at]}{mark}{text[at + 1]}{text[(at + 2)..].TrimStart('0').PadLeft(2, '0')}";
    }

    static string Group(string digits)
    {
        var end = digits.AsSpan().IndexOfAnyExceptInRange('0', '9') is var index and >= 0 ? index : digits.Length;
        var grouped = new StringBuilder(digits);
        for (var at = end - 3; at > 0; at -= 3)
        {
            grouped.Insert(at, ',');
        }

        return grouped.ToString();
    }
}
