using System.Globalization;
using System.Numerics;
using System.Text;
using Noos.Core.Tools;

namespace Noos.Tools.Calculator;

enum TokenKind
{
    Number,
    Name,
    Symbol,
    End,
}

/// <summary>One lexical element. <see cref="Position"/> counts characters from 1, as error messages do.</summary>
sealed record Token(TokenKind Kind, string Text, Number Value, int Position);

/// <summary>
/// Splits an expression into tokens and maps the many ways to write an operator onto one: × · ∙ ⋅ and x become *, ÷ becomes /,
/// the Unicode minus signs become -, ** becomes ^, ² and ³ become ^2 and ^3, == becomes =.
/// </summary>
sealed class Lexer
{
    readonly string _text;
    readonly List<Token> _tokens = [];
    // One entry for each open parenthesis: whether it holds the arguments of a function, where a comma separates.
    readonly Stack<bool> _parentheses = new();
    int _index;

    Lexer(string text) => _text = text;

    public static List<Token> Split(string text)
    {
        var lexer = new Lexer(text);
        lexer.Run();
        return lexer._tokens;
    }

    void Run()
    {
        while (_index < _text.Length)
        {
            var character = _text[_index];
            if (char.IsWhiteSpace(character))
            {
                _index++;
            }
            else if (char.IsAsciiDigit(character) || (character == '.' && char.IsAsciiDigit(Peek(1))))
            {
                ReadNumber();
            }
            else if (char.IsAsciiLetter(character))
            {
                ReadName();
            }
            else
            {
                ReadSymbol(character);
            }
        }

        _tokens.Add(new Token(TokenKind.End, "end", default, _text.Length + 1));
    }

    char Peek(int distance) => _index + distance < _text.Length ? _text[_index + distance] : '\0';

    void ReadNumber()
    {
        var start = _index;
        var digits = ReadDigits();
        if (digits == "0" && Peek(0) is 'x' or 'X' && char.IsAsciiHexDigit(Peek(1)))
        {
            // An x is a multiplication sign elsewhere, so that this would be 0 times something.
            throw new ToolException(
                $"The number at position {start + 1} looks hexadecimal; write it in decimal, or 0 * ... for a product.");
        }

        var isArgument = _parentheses.TryPeek(out var inFunction) && inFunction;
        if (!isArgument && digits.Length <= 3)
        {
            while (Peek(0) == ',' && IsGroup(1))
            {
                _index++;
                digits += ReadDigits();
            }
        }

        if (isArgument && digits.Length == 3 && digits[0] == '0' && start > 0 && _text[start - 1] == ',')
        {
            throw new ToolException($"A comma separates arguments here, so write numbers without thousands separators (position {start}).");
        }

        var decimals = 0;
        if (Peek(0) == '.')
        {
            _index++;
            var fraction = ReadDigits();
            decimals = fraction.Length;
            digits += fraction;
        }

        var exponent = ReadExponent(start) - decimals;
        if (Math.Abs(exponent) > Number.MaximumDigits)
        {
            throw new ToolException($"The number at position {start + 1} has more than {Number.MaximumDigits} digits, which is too long.");
        }

        if (Peek(0) == '.')
        {
            throw Unexpected(_index);
        }

        var value = digits.Length == 0 ? BigInteger.Zero : BigInteger.Parse(digits, NumberStyles.None);
        var scale = BigInteger.Pow(10, Math.Abs(exponent));
        var number = exponent < 0 ? Number.From(value, scale) : Number.From(value * scale, BigInteger.One);
        Add(TokenKind.Number, _text[start.._index], start, number);
    }

    bool IsGroup(int distance) =>
        char.IsAsciiDigit(Peek(distance)) && char.IsAsciiDigit(Peek(distance + 1)) && char.IsAsciiDigit(Peek(distance + 2))
        && !char.IsAsciiDigit(Peek(distance + 3));

    string ReadDigits()
    {
        var start = _index;
        while (char.IsAsciiDigit(Peek(0)))
        {
            _index++;
        }

        return _text[start.._index];
    }

    int ReadExponent(int start)
    {
        if (Peek(0) is not ('e' or 'E'))
        {
            return 0;
        }

        var sign = Peek(1) is '+' or '-' ? 1 : 0;
        if (!char.IsAsciiDigit(Peek(1 + sign)))
        {
            return 0;
        }

        var isNegative = Peek(1) == '-';
        _index += 1 + sign;
        var digits = ReadDigits().TrimStart('0');
        if (digits.Length > 6)
        {
            throw new ToolException($"The number at position {start + 1} has more than {Number.MaximumDigits} digits, which is too long.");
        }

        var exponent = digits.Length == 0 ? 0 : int.Parse(digits);
        return isNegative ? -exponent : exponent;
    }

    void ReadName()
    {
        var start = _index;
        if (_text[_index] is 'x' or 'X' && !char.IsAsciiLetter(Peek(1)))
        {
            _index++;
            Add(TokenKind.Symbol, "*", start);
            return;
        }

        while (char.IsAsciiLetterOrDigit(Peek(0)))
        {
            _index++;
        }

        Add(TokenKind.Name, _text[start.._index].ToLowerInvariant(), start);
    }

    void ReadSymbol(char character)
    {
        var start = _index++;
        switch (character)
        {
            case '(':
                _parentheses.Push(_tokens.Count > 0 && _tokens[^1].Kind == TokenKind.Name && Evaluator.IsFunction(_tokens[^1].Text));
                Add(TokenKind.Symbol, "(", start);
                break;
            case ')':
                _parentheses.TryPop(out _);
                Add(TokenKind.Symbol, ")", start);
                break;
            case '*' when Peek(0) == '*':
                _index++;
                Add(TokenKind.Symbol, "^", start);
                break;
            case '×' or '·' or '∙' or '⋅' or '∗':
                Add(TokenKind.Symbol, "*", start);
                break;
            case '÷' or '∕' or '⁄' or ':':
                Add(TokenKind.Symbol, "/", start);
                break;
            case '−' or '–' or '—' or '‐' or '‑':
                Add(TokenKind.Symbol, "-", start);
                break;
            case '²' or '³':
                Add(TokenKind.Symbol, "^", start);
                Add(TokenKind.Number, character == '²' ? "2" : "3", start, Number.From(character == '²' ? 2 : 3));
                break;
            case '√':
                Add(TokenKind.Name, "sqrt", start);
                break;
            case 'π':
                Add(TokenKind.Name, "pi", start);
                break;
            case 'τ':
                Add(TokenKind.Name, "tau", start);
                break;
            case '≤':
                Add(TokenKind.Symbol, "<=", start);
                break;
            case '≥':
                Add(TokenKind.Symbol, ">=", start);
                break;
            case '≠':
                Add(TokenKind.Symbol, "!=", start);
                break;
            case '<' or '>' or '!' or '=' when Peek(0) == '=':
                _index++;
                Add(TokenKind.Symbol, character == '=' ? "=" : character + "=", start);
                break;
            case '+' or '-' or '*' or '/' or '^' or '%' or '!' or '°' or ',' or '<' or '>' or '=' or '?':
                Add(TokenKind.Symbol, character.ToString(), start);
                break;
            default:
                throw Unexpected(start);
        }
    }

    ToolException Unexpected(int index)
    {
        // A lone surrogate is no text; anything else is shown as one whole character.
        var text = char.IsSurrogate(_text[index])
            ? Rune.TryGetRuneAt(_text, index, out var rune) ? rune.ToString() : "?"
            : _text[index].ToString();
        return new ToolException($"Unexpected '{text}' at position {index + 1}.");
    }

    void Add(TokenKind kind, string text, int start, Number value = default) => _tokens.Add(new Token(kind, text, value, start + 1));
}
