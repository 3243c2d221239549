using Noos.Core.Tools;

namespace Noos.Tools.Calculator;

/// <summary>
/// Reads one line of arithmetic, from loosest to tightest: one comparison; + and -; * / mod and a missing operator as in 2pi or 2(3+4);
/// "of"; signs; powers, which group from the right, so that -2^2 is -4; and after a value: ! for the factorial, % for percent, ° or deg.
/// </summary>
/// <remarks>
/// Percent follows the pocket calculator: 80 + 15% is 92 and 80 - 15% is 68, everywhere else 15% is 0.15. A % that stands directly before
/// another value is the remainder, as in 17 % 5. A comma is a thousands separator in 1,000 but separates arguments inside a function.
/// A question mark or a lone = at the end is ignored.
/// </remarks>
sealed class Parser
{
    const int MaximumDepth = 100;

    readonly List<Token> _tokens;
    int _index;
    int _depth;

    Parser(List<Token> tokens) => _tokens = tokens;

    Token Current => _tokens[_index];

    /// <exception cref="ToolException">The text is no expression; the message says where.</exception>
    public static Expression Parse(string text)
    {
        var tokens = Lexer.Split(text);
        while (tokens.Count > 1 && tokens[^2] is { Kind: TokenKind.Symbol, Text: "?" or "=" })
        {
            tokens.RemoveAt(tokens.Count - 2);
        }

        if (tokens.Count == 1)
        {
            throw new ToolException("The expression is empty.");
        }

        var parser = new Parser(tokens);
        var expression = parser.ReadComparison();
        return parser.Current.Kind == TokenKind.End ? expression : throw parser.Unexpected();
    }

    Expression ReadComparison()
    {
        var left = ReadSum();
        if (Current is not { Kind: TokenKind.Symbol, Text: "<" or "<=" or "=" or "!=" or ">=" or ">" })
        {
            return left;
        }

        var comparison = Take().Text;
        return new Comparison(comparison, left, ReadSum());
    }

    Expression ReadSum()
    {
        var left = ReadProduct();
        while (Current is { Kind: TokenKind.Symbol, Text: "+" or "-" })
        {
            var symbol = Take().Text[0];
            var right = ReadProduct();
            if (right is Percentage && left is not Percentage)
            {
                right = new Binary('*', left, right);
            }

            left = new Binary(symbol, left, right);
        }

        return left;
    }

    Expression ReadProduct()
    {
        var left = ReadPart();
        while (true)
        {
            if (Current is { Kind: TokenKind.Symbol, Text: "*" or "/" })
            {
                left = new Binary(Take().Text[0], left, ReadPart());
            }
            else if (IsSymbol("%") || Current is { Kind: TokenKind.Name, Text: "mod" })
            {
                left = new Binary(Remainder(), left, ReadPart());
            }
            else if (IsSymbol("(") || (Current.Kind == TokenKind.Name && Current.Text != "of"))
            {
                left = new Binary('*', left, ReadPart());
            }
            else
            {
                return left;
            }
        }
    }

    char Remainder()
    {
        Take();
        return 'm';
    }

    Expression ReadPart()
    {
        var left = ReadSigned();
        while (Current is { Kind: TokenKind.Name, Text: "of" })
        {
            Take();
            left = new Binary('*', left, ReadSigned());
        }

        return left;
    }

    Expression ReadSigned()
    {
        if (Current is not { Kind: TokenKind.Symbol, Text: "+" or "-" })
        {
            return ReadPower();
        }

        var isNegative = Take().Text == "-";
        Enter();
        var operand = ReadSigned();
        _depth--;
        return isNegative ? new Negation(operand) : operand;
    }

    Expression ReadPower()
    {
        var value = ReadPostfix();
        if (!IsSymbol("^"))
        {
            return value;
        }

        Take();
        Enter();
        var exponent = ReadSigned();
        _depth--;
        return new Binary('^', value, exponent);
    }

    Expression ReadPostfix()
    {
        var value = ReadPrimary();
        while (true)
        {
            if (IsSymbol("!"))
            {
                value = new FactorialOf(value);
            }
            else if (IsSymbol("°") || Current is { Kind: TokenKind.Name, Text: "deg" or "degrees" })
            {
                value = new Degrees(value);
            }
            else if (IsSymbol("%") && !BeginsValue(_tokens[_index + 1]))
            {
                value = new Percentage(value);
            }
            else
            {
                return value;
            }

            Take();
        }
    }

    static bool BeginsValue(Token token) => token.Kind switch
    {
        TokenKind.Number => true,
        TokenKind.Name => token.Text is not ("of" or "mod"),
        _ => token is { Kind: TokenKind.Symbol, Text: "(" },
    };

    Expression ReadPrimary()
    {
        var token = Current;
        if (token.Kind == TokenKind.Number)
        {
            return new Literal(Take().Value);
        }

        if (token.Kind == TokenKind.Name)
        {
            return ReadName();
        }

        if (!IsSymbol("("))
        {
            throw Unexpected();
        }

        Take();
        Enter();
        var inner = ReadSum();
        _depth--;
        Expect(")");
        return inner;
    }

    Expression ReadName()
    {
        var name = Take();
        if (Evaluator.TryGetConstant(name.Text, out var constant))
        {
            return new Literal(constant);
        }

        if (!Evaluator.IsFunction(name.Text))
        {
            throw new ToolException($"Unknown name \"{Shorten(name.Text)}\" at position {name.Position}.");
        }

        Enter();
        var arguments = new List<Expression>();
        if (IsSymbol("("))
        {
            Take();
            if (!IsSymbol(")"))
            {
                arguments.Add(ReadSum());
                while (IsSymbol(","))
                {
                    Take();
                    arguments.Add(ReadSum());
                }
            }

            Expect(")");
        }
        else
        {
            arguments.Add(ReadPower());
        }

        _depth--;
        Evaluator.CheckArguments(name.Text, arguments.Count);
        return new FunctionCall(name.Text, arguments);
    }

    bool IsSymbol(string symbol) => Current.Kind == TokenKind.Symbol && Current.Text == symbol;

    Token Take() => _tokens[_index++];

    void Expect(string symbol)
    {
        if (!IsSymbol(symbol))
        {
            throw Current.Kind == TokenKind.End ? new ToolException($"A '{symbol}' is missing at the end.") : Unexpected();
        }

        Take();
    }

    void Enter()
    {
        if (++_depth > MaximumDepth)
        {
            throw new ToolException($"The expression is nested more than {MaximumDepth} levels deep.");
        }
    }

    ToolException Unexpected() => Current.Kind == TokenKind.End
        ? new ToolException("The expression ends too early.")
        : new ToolException($"Unexpected '{Shorten(Current.Text)}' at position {Current.Position}.");

    static string Shorten(string text) => text.Length <= 30 ? text : text[..30] + "...";
}
