using Noos.Core;
using Noos.Inference.Constraints.Grammar;

namespace Noos.Inference.Constraints.Patterns;

/// <summary>A regular expression as a tree.</summary>
abstract record RegexNode;

sealed record RegexCharacters(CodePointSet Set) : RegexNode;

sealed record RegexSequence(IReadOnlyList<RegexNode> Items) : RegexNode;

sealed record RegexChoice(IReadOnlyList<RegexNode> Items) : RegexNode;

sealed record RegexRepeat(RegexNode Item, int Min, int? Max) : RegexNode;

/// <summary>
/// Reads the regular part of ECMAScript's regular expressions, the language of JSON Schema's <c>pattern</c>. What is not regular
/// (look-around, back-references) is refused.
/// </summary>
sealed class RegexSyntax
{
    /// <summary>Longest pattern in characters.</summary>
    public const int MaxLength = 10_000;

    const int MaxDepth = 100;

    static readonly CodePointSet s_digits = CodePointSet.Create(('0', '9'));
    static readonly CodePointSet s_word = CodePointSet.Create(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    static readonly CodePointSet s_space = CodePointSet.Create(
        ('\t', '\r'), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F),
        (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    static readonly CodePointSet s_dot = CodePointSet.Create(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029)).Complement();
    static readonly RegexNode s_anything = new RegexRepeat(new RegexCharacters(CodePointSet.All), 0, null);

    readonly string _pattern;
    int _position;
    int _depth;

    RegexSyntax(string pattern) => _pattern = pattern;

    bool AtEnd => _position >= _pattern.Length;

    char Current => _pattern[_position];

    /// <summary>The texts in which the pattern is found somewhere.</summary>
    /// <exception cref="NoosException">The pattern is broken or not regular.</exception>
    public static RegexNode Parse(string pattern)
    {
        if (pattern.Length > MaxLength)
        {
            throw new NoosException($"A pattern has {pattern.Length:N0} characters and at most {MaxLength:N0} are supported; shorten it.");
        }

        var syntax = new RegexSyntax(pattern);
        var whole = new RegexChoice(syntax.ParseBranches(isOutermost: true));
        return syntax.AtEnd ? whole : throw syntax.Fault("a parenthesis is closed that was not opened");
    }

    List<RegexNode> ParseBranches(bool isOutermost)
    {
        var branches = new List<RegexNode>();
        do
        {
            branches.Add(ParseBranch(isOutermost));
        }
        while (Skip('|'));
        return branches;
    }

    RegexSequence ParseBranch(bool isOutermost)
    {
        var items = new List<RegexNode>();
        var beginsText = isOutermost && Skip('^');
        var endsText = false;
        while (!AtEnd && Current is not ('|' or ')'))
        {
            if (isOutermost && Current == '$' && (_position + 1 == _pattern.Length || _pattern[_position + 1] == '|'))
            {
                _position++;
                endsText = true;
                break;
            }

            items.Add(ParseRepeat());
        }

        if (isOutermost)
        {
            // Not anchored: the pattern may stand anywhere.
            if (!beginsText)
            {
                items.Insert(0, s_anything);
            }

            if (!endsText)
            {
                items.Add(s_anything);
            }
        }

        return new RegexSequence(items);
    }

    RegexNode ParseRepeat()
    {
        var item = ParseAtom();
        while (!AtEnd)
        {
            (int Min, int? Max) limits;
            switch (Current)
            {
                case '*':
                    limits = (0, null);
                    _position++;
                    break;
                case '+':
                    limits = (1, null);
                    _position++;
                    break;
                case '?':
                    limits = (0, 1);
                    _position++;
                    break;
                case '{' when TryParseLimits() is { } braces:
                    limits = braces;
                    break;
                default:
                    return item;
            }

            // A lazy repeat has the same texts.
            Skip('?');
            item = new RegexRepeat(item, limits.Min, limits.Max);
        }

        return item;
    }

    /// <summary><c>{2}</c>, <c>{2,}</c> or <c>{2,3}</c>; null where the brace is an ordinary character.</summary>
    (int Min, int? Max)? TryParseLimits()
    {
        var end = _pattern.IndexOf('}', _position);
        var parts = end < 0 ? [] : _pattern[(_position + 1)..end].Split(',');
        if (parts.Length is 0 or > 2 || !TryNumber(parts[0], out var min))
        {
            return null;
        }

        int? max = min;
        if (parts.Length == 2)
        {
            max = null;
            if (parts[1].Length > 0)
            {
                if (!TryNumber(parts[1], out var upper))
                {
                    return null;
                }

                max = upper;
            }
        }

        _position = end + 1;
        return max >= min || max is null ? (min, max) : throw Fault("the limits of a repetition are the wrong way round");
    }

    bool TryNumber(string text, out int value) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out value)
            ? value <= 10_000 ? true : throw Fault("a repetition of more than 10,000 is not supported")
            : text.Length > 9 && text.All(char.IsAsciiDigit) ? throw Fault("a repetition of more than 10,000 is not supported")
            : false;

    RegexNode ParseAtom()
    {
        var character = Current;
        switch (character)
        {
            case '(':
                return ParseGroup();
            case '[':
                return new RegexCharacters(ParseClass());
            case '.':
                _position++;
                return new RegexCharacters(s_dot);
            case '\\':
                _position++;
                return new RegexCharacters(ParseEscape(inClass: false));
            case '^' or '$':
                throw Fault(
                    $"'{character}' is supported only at the beginning or end of the whole pattern or of its outermost alternatives");
            case '*' or '+' or '?':
                throw Fault($"'{character}' has nothing to repeat");
            default:
                return new RegexCharacters(One(ReadCodePoint()));
        }
    }

    RegexChoice ParseGroup()
    {
        _position++;
        if (++_depth > MaxDepth)
        {
            throw Fault("it is nested too deeply");
        }

        if (Skip('?'))
        {
            if (Skip(':'))
            {
                // A group that is not captured.
            }
            else if (!AtEnd
                && Current == '<'
                && _position + 1 < _pattern.Length
                && _pattern[_position + 1] is not ('=' or '!')
                && _pattern.IndexOf('>', _position) is var nameEnd and > 0)
            {
                _position = nameEnd + 1;
            }
            else
            {
                throw Fault("look-ahead and look-behind are not supported");
            }
        }

        var group = new RegexChoice(ParseBranches(isOutermost: false));
        if (!Skip(')'))
        {
            throw Fault("a parenthesis is not closed");
        }

        _depth--;
        return group;
    }

    CodePointSet ParseClass()
    {
        _position++;
        var isNegated = Skip('^');
        var sets = new List<CodePointSet>();
        while (!AtEnd && Current != ']')
        {
            var begin = ParseClassItem();
            if (!AtEnd && Current == '-'
                && _position + 1 < _pattern.Length
                && _pattern[_position + 1] != ']'
                && begin.Ranges is [var (low, same)]
                && low == same)
            {
                _position++;
                var end = ParseClassItem();
                if (end.Ranges is not [var (high, alsoHigh)] || high != alsoHigh || high < low)
                {
                    throw Fault("a range of characters is the wrong way round");
                }

                sets.Add(CodePointSet.Create((low, high)));
            }
            else
            {
                sets.Add(begin);
            }
        }

        if (!Skip(']'))
        {
            throw Fault("a bracket is not closed");
        }

        var set = CodePointSet.Create(sets.SelectMany(one => one.Ranges));
        return isNegated ? set.Complement() : set;
    }

    CodePointSet ParseClassItem()
    {
        if (Current == '\\')
        {
            _position++;
            return ParseEscape(inClass: true);
        }

        return One(ReadCodePoint());
    }

    CodePointSet ParseEscape(bool inClass)
    {
        if (AtEnd)
        {
            throw Fault("it ends with a backslash");
        }

        var escape = ReadCodePoint();
        switch (escape)
        {
            case 'd':
                return s_digits;
            case 'D':
                return s_digits.Complement();
            case 'w':
                return s_word;
            case 'W':
                return s_word.Complement();
            case 's':
                return s_space;
            case 'S':
                return s_space.Complement();
            case 'n':
                return One('\n');
            case 'r':
                return One('\r');
            case 't':
                return One('\t');
            case 'v':
                return One('\v');
            case 'f':
                return One('\f');
            case 'b' when inClass:
                return One('\b');
            case '0' when AtEnd || !char.IsAsciiDigit(Current):
                return One(0);
            case 'x':
                return One(ReadHex(2));
            case 'u' when Skip('{'):
                var end = _pattern.IndexOf('}', _position);
                var value = end < 0 || end - _position > 6 ? throw Fault("an escape is not closed") : ReadHex(end - _position);
                _position++;
                return value <= CodePointSet.Last ? One(value) : throw Fault("an escape is no character");
            case 'u':
                var first = ReadHex(4);
                if (char.IsHighSurrogate((char)first) && _pattern.AsSpan(_position).StartsWith("\\u", StringComparison.Ordinal))
                {
                    _position += 2;
                    var second = ReadHex(4);
                    return char.IsLowSurrogate((char)second)
                        ? One(char.ConvertToUtf32((char)first, (char)second))
                        : throw Fault("half of a surrogate pair is no character");
                }

                return One(first);
            case >= '1' and <= '9':
                throw Fault("back-references are not supported");
            case < 128 when char.IsAsciiLetter((char)escape):
                throw Fault($"the escape '\\{(char)escape}' is not supported");
            default:
                return One(escape);
        }
    }

    int ReadHex(int digits)
    {
        if (digits == 0 || _position + digits > _pattern.Length
            || !int.TryParse(_pattern.AsSpan(_position, digits), System.Globalization.NumberStyles.AllowHexSpecifier,
                System.Globalization.CultureInfo.InvariantCulture, out var value))
        {
            throw Fault("an escape lacks hexadecimal digits");
        }

        _position += digits;
        return value;
    }

    int ReadCodePoint()
    {
        var value = char.IsSurrogatePair(_pattern, _position) ? char.ConvertToUtf32(_pattern, _position) : _pattern[_position];
        _position += value > 0xFFFF ? 2 : 1;
        return value;
    }

    static CodePointSet One(int value) => CodePointSet.Create((value, value));

    bool Skip(char character)
    {
        var isThere = !AtEnd && Current == character;
        _position += isThere ? 1 : 0;
        return isThere;
    }

    NoosException Fault(string what) =>
        new($"The pattern '{(_pattern.Length > 60 ? _pattern[..60] + "..." : _pattern)}' cannot be used: {what}; change the pattern.");
}
