using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Noos.Core.Schemas;

/// <summary>
/// Matches the regular expressions of JSON Schema, which are those of ECMA-262 with the flag u, with .NET's. Linear in time where .NET can
/// (<see cref="RegexOptions.NonBacktracking"/>), else given up after <see cref="s_timeLimit"/>.
/// </summary>
static class SchemaPattern
{
    static readonly TimeSpan s_timeLimit = TimeSpan.FromMilliseconds(250);

    // Stands for a character beyond the basic plane: .NET counts UTF-16 units, JSON Schema counts characters.
    const char AstralCharacter = '\uE000';

    /// <summary>Whether the pattern is found in the text; null when the pattern is no regular expression that .NET can follow.</summary>
    public static bool? IsMatch(string pattern, string text)
    {
        if (Translate(pattern) is not { } translated)
        {
            return null;
        }

        try
        {
            return Create(translated).IsMatch(OneUnitEach(text));
        }
        catch (ArgumentException)
        {
            return null;
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    static Regex Create(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException)
        {
            // Looking around and references back need the other engine.
            return new Regex(pattern, RegexOptions.CultureInvariant, s_timeLimit);
        }
    }

    /// <summary>The same pattern for .NET; null where it names characters beyond the basic plane, which no UTF-16 unit is.</summary>
    static string? Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length);
        var isInClass = false;
        for (var index = 0; index < pattern.Length; index++)
        {
            switch (pattern[index])
            {
                case '\\' when index + 1 < pattern.Length:
                    index++;
                    if (pattern[index] == 'u' && index + 1 < pattern.Length && pattern[index + 1] == '{')
                    {
                        var end = pattern.IndexOf('}', index);
                        if (end < 0 || !int.TryParse(pattern.AsSpan(index + 2, end - index - 2), NumberStyles.HexNumber,
                            CultureInfo.InvariantCulture, out var rune) || rune > char.MaxValue)
                        {
                            return null;
                        }

                        text.Append(CultureInfo.InvariantCulture, $"\\u{rune:x4}");
                        index = end;
                    }
                    else
                    {
                        // The digits and letters of ECMA-262 are those of ASCII.
                        text.Append(pattern[index] switch
                        {
                            'd' => isInClass ? "0-9" : "[0-9]",
                            'w' => isInClass ? "A-Za-z0-9_" : "[A-Za-z0-9_]",
                            'D' when !isInClass => "[^0-9]",
                            'W' when !isInClass => "[^A-Za-z0-9_]",
                            '/' or '-' when !isInClass => pattern[index].ToString(),
                            _ => $"\\{pattern[index]}",
                        });
                    }

                    break;
                case '[' when !isInClass:
                    isInClass = true;
                    text.Append('[');
                    break;
                case '[':
                    // Inside a class of .NET, "-[" would begin a subtraction.
                    text.Append("\\[");
                    break;
                case ']':
                    isInClass = false;
                    text.Append(']');
                    break;
                case '$' when !isInClass:
                    // In .NET "$" is also before a last line end.
                    text.Append("\\z");
                    break;
                case '.' when !isInClass:
                    text.Append("[^\\n\\r\\u2028\\u2029]");
                    break;
                case var unit when char.IsSurrogate(unit):
                    return null;
                case var unit:
                    text.Append(unit);
                    break;
            }
        }

        return text.ToString();
    }

    static string OneUnitEach(string text) => text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0
        ? text
        : string.Concat(text.EnumerateRunes().Select(rune => rune.IsBmp ? (char)rune.Value : AstralCharacter));
}
