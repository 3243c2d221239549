using System.Globalization;
using System.Numerics;
using Noos.Core;

namespace Noos.Language.Templates.Values;

/// <summary>
/// Python's view of a single value: its type name, truth, <c>__index__</c>, <c>float.__repr__</c> (docs.python.org, "Data model").
/// </summary>
static class PythonSemantics
{
    // Beyond, arithmetic would take noticeable time; no template counts that far.
    const int MaxIntegerBits = 4096;

    public static string TypeName(object? value) => value switch
    {
        null => "None",
        Undefined => "undefined",
        bool => "bool",
        BigInteger => "int",
        double => "float",
        TrackedText => "str",
        List<object?> => "list",
        object?[] => "tuple",
        TemplateDictionary => "dict",
        NamespaceValue => "namespace",
        RangeValue => "range",
        DictionaryView => "dict view",
        IteratorValue => "generator",
        LoopValue => "loop",
        SliceValue => "slice",
        _ => "function",
    };

    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        BigInteger number => !number.IsZero,
        double number => number != 0,
        TrackedText text => text.Value.Length > 0,
        List<object?> list => list.Count > 0,
        object?[] tuple => tuple.Length > 0,
        TemplateDictionary dictionary => dictionary.Count > 0,
        DictionaryView view => view.Dictionary.Count > 0,
        RangeValue range => range.Items.Length > 0,
        _ => true,
    };

    /// <summary>A value that can serve as an integer: Python's <c>__index__</c>.</summary>
    public static BigInteger ToInteger(object? value) => value switch
    {
        bool flag => flag ? BigInteger.One : BigInteger.Zero,
        BigInteger number => number,
        Undefined undefined => throw undefined.Fault(),
        _ => throw new TemplateFault($"an integer is needed where a value of type {TypeName(value)} stands"),
    };

    /// <summary>An integer that fits; larger ones become the nearest that does.</summary>
    public static int ToInt32(BigInteger value) => (int)BigInteger.Min(BigInteger.Max(value, int.MinValue), int.MaxValue);

    public static BigInteger Limit(BigInteger value) => value.GetBitLength() <= MaxIntegerBits
        ? value
        : throw new TemplateFault("a number becomes too large", ErrorKind.Refused);

    /// <summary>Python's notion of white space.</summary>
    public static bool IsSpace(char value) => char.IsWhiteSpace(value) || value is >= '\x1c' and <= '\x1f';

    public static bool IsLineEnd(char value) =>
        value is '\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029';

    /// <summary>A float as Python prints it: the shortest digits that read back, with an exponent from 1e16 on and below 1e-4.</summary>
    public static string FloatText(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var scientific = value.ToString("E16", CultureInfo.InvariantCulture);
        var exponent = int.Parse(scientific.AsSpan(scientific.IndexOf('E', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture);
        var (digits, shortestExponent) = ShortestDigits(Math.Abs(value), exponent);
        var sign = double.IsNegative(value) ? "-" : "";
        if (value == 0)
        {
            return sign + "0.0";
        }

        if (shortestExponent is < -4 or >= 16)
        {
            var mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
            return $"{sign}{mantissa}e{(shortestExponent < 0 ? '-' : '+')}{Math.Abs(shortestExponent):00}";
        }

        return sign + (shortestExponent switch
        {
            < 0 => $"0.{new string('0', -shortestExponent - 1)}{digits}",
            _ when digits.Length <= shortestExponent + 1 => $"{digits.PadRight(shortestExponent + 1, '0')}.0",
            _ => $"{digits[..(shortestExponent + 1)]}.{digits[(shortestExponent + 1)..]}",
        });
    }

    static (string Digits, int Exponent) ShortestDigits(double value, int exponent)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var mantissaEnd = text.IndexOf('E', StringComparison.Ordinal);
        var mantissa = mantissaEnd < 0 ? text : text[..mantissaEnd];
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0').TrimEnd('0');
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? mantissa.Length : point;
        var leading = mantissa.Replace(".", "", StringComparison.Ordinal).TakeWhile(digit => digit == '0').Count();
        var scale = mantissaEnd < 0
            ? 0
            : int.Parse(text.AsSpan(mantissaEnd + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return digits.Length == 0 ? ("0", exponent) : (digits, whole - leading - 1 + scale);
    }
}
