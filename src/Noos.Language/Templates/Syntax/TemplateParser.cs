using System.Globalization;
using System.Numerics;
using System.Text;
using Noos.Core;
using Noos.Language.Templates.Values;

namespace Noos.Language.Templates.Syntax;

/// <summary>Tokens to a tree, by the grammar of Jinja 3.</summary>
sealed class TemplateParser
{
    /// <summary>As in Python, against the quadratic time of reading a long number.</summary>
    const int MaxDigits = 4300;

    static readonly string[] s_comparisons = ["==", "!=", "<", "<=", ">", ">="];

    readonly List<TemplateToken> _tokens;
    readonly Stack<HashSet<string>> _macroNames = new();
    int _position;
    int _loops;

    TemplateParser(List<TemplateToken> tokens) => _tokens = tokens;

    TemplateToken Current => _tokens[_position];

    /// <exception cref="NoosException">It is not a template.</exception>
    public static Block Parse(string source)
    {
        var parser = new TemplateParser(TemplateLexer.Tokenize(source));
        try
        {
            return parser.ParseBlock([]);
        }
        catch (TemplateFault fault)
        {
            throw new NoosException(fault.Kind,
                $"Line {parser.Current.Line} of the chat template is not valid Jinja: {fault.Message}; correct the template.", fault);
        }
    }

    /// <summary>Statements up to one of the tags, whose name is then current; without tags, up to the end.</summary>
    Block ParseBlock(params ReadOnlySpan<string> endings)
    {
        RenderBudget.EnsureStack();
        var statements = new List<Statement>();
        while (true)
        {
            var token = Next();
            switch (token.Kind)
            {
                case TemplateTokenKind.Data:
                    statements.Add(new TextStatement(TrackedText.Literal(token.Text), token.Line));
                    break;
                case TemplateTokenKind.OutputBegin:
                    statements.Add(new OutputStatement(ParseTuple(), token.Line));
                    Expect(TemplateTokenKind.OutputEnd);
                    break;
                case TemplateTokenKind.StatementBegin when Current.Kind == TemplateTokenKind.Name && endings.Contains(Current.Text):
                    return new Block(statements);
                case TemplateTokenKind.StatementBegin:
                    if (ParseStatement() is { } statement)
                    {
                        statements.Add(statement);
                    }

                    break;
                case TemplateTokenKind.End when endings.Length == 0:
                    return new Block(statements);
                default:
                    _position--;
                    throw new TemplateFault(endings.Length == 0 ? "a tag is not expected here" : $"'{endings[^1]}' is missing");
            }
        }
    }

    /// <summary>Statements between the end of this tag and a closing tag, which is read too.</summary>
    Block ParseBody(string ending)
    {
        Expect(TemplateTokenKind.StatementEnd);
        var body = ParseBlock(ending);
        Next();
        Expect(TemplateTokenKind.StatementEnd);
        return body;
    }

    Statement? ParseStatement()
    {
        var line = Current.Line;
        var tag = ExpectName();
        switch (tag)
        {
            case "if":
                return ParseIf(line);
            case "for":
                return ParseFor(line);
            case "set":
                return ParseSet(line);
            case "macro":
                var name = ExpectName();
                return new MacroStatement(name, ParseMacro(name, "endmacro"), line);
            case "call":
                return ParseCallBlock(line);
            case "filter":
                var filter = ParseFilters(null, beginsInside: true);
                return new FilterStatement(filter!, ParseBody("endfilter"), line);
            case "with":
                return ParseWith(line);
            case "print":
                var printed = ParseTuple();
                Expect(TemplateTokenKind.StatementEnd);
                return new OutputStatement(printed, line);
            case "generation":
                // What the model shall learn to say, for trainers; a scope of its own.
                return new WithStatement([], ParseBody("endgeneration"), line);
            case "break" or "continue":
                if (_loops == 0)
                {
                    throw new TemplateFault($"'{tag}' stands outside of a loop");
                }

                Expect(TemplateTokenKind.StatementEnd);
                return new LoopControlStatement(tag == "break", line);
            default:
                throw new TemplateFault($"the tag '{tag}' is not known or not expected here");
        }
    }

    IfStatement ParseIf(int line)
    {
        var branches = new List<(Expression, Block)>();
        while (true)
        {
            var condition = ParseTuple(withConditional: false);
            Expect(TemplateTokenKind.StatementEnd);
            branches.Add((condition, ParseBlock("elif", "else", "endif")));
            switch (Next().Text)
            {
                case "elif":
                    continue;
                case "else":
                    return new IfStatement(branches, ParseBody("endif"), line);
                default:
                    Expect(TemplateTokenKind.StatementEnd);
                    return new IfStatement(branches, Block.Empty, line);
            }
        }
    }

    ForStatement ParseFor(int line)
    {
        var target = ParseTarget(endsAt: "in");
        ExpectWord("in");
        var items = ParseTuple(withConditional: false, endsAt: "recursive");
        var condition = Skip("if") ? ParseExpression() : null;
        var isRecursive = Skip("recursive");
        Expect(TemplateTokenKind.StatementEnd);
        _loops++;
        var body = ParseBlock("else", "endfor");
        _loops--;
        var otherwise = Block.Empty;
        if (Next().Text == "else")
        {
            otherwise = ParseBody("endfor");
        }
        else
        {
            Expect(TemplateTokenKind.StatementEnd);
        }

        return new ForStatement(target, items, condition, body, otherwise, isRecursive, line);
    }

    Statement ParseSet(int line)
    {
        var target = ParseTarget();
        if (Skip("="))
        {
            var value = ParseTuple();
            Expect(TemplateTokenKind.StatementEnd);
            return new SetStatement(target, value, line);
        }

        var filter = ParseFilters(null, beginsInside: false);
        return new SetBlockStatement(target, filter, ParseBody("endset"), line);
    }

    MacroDefinition ParseMacro(string name, string ending)
    {
        var parameters = Current.Is("(") ? ParseParameters() : [];
        return ParseMacro(name, parameters, ending);
    }

    MacroDefinition ParseMacro(string name, IReadOnlyList<(string, Expression?)> parameters, string ending)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        _macroNames.Push(names);
        var loops = _loops;
        _loops = 0;
        var body = ParseBody(ending);
        _loops = loops;
        _macroNames.Pop();
        return new MacroDefinition(name, parameters, body, names);
    }

    List<(string Name, Expression? Default)> ParseParameters()
    {
        var parameters = new List<(string Name, Expression? Default)>();
        ExpectOperator("(");
        while (!Current.Is(")"))
        {
            if (parameters.Count > 0)
            {
                ExpectOperator(",");
            }

            var name = ExpectName();
            var fallback = Skip("=") ? ParseExpression() : null;
            if (fallback is null && parameters.Count > 0 && parameters[^1].Default is not null)
            {
                throw new TemplateFault($"the parameter '{name}' needs a default, because the one before it has one");
            }

            parameters.Add((name, fallback));
        }

        Next();
        return parameters;
    }

    CallStatement ParseCallBlock(int line)
    {
        var parameters = Current.Is("(") ? ParseParameters() : [];
        var call = ParseExpression() as Call ?? throw new TemplateFault("a call block needs a call");
        return new CallStatement(call, ParseMacro("caller", parameters, "endcall"), line);
    }

    WithStatement ParseWith(int line)
    {
        var assignments = new List<(Expression, Expression)>();
        while (Current.Kind != TemplateTokenKind.StatementEnd)
        {
            if (assignments.Count > 0)
            {
                ExpectOperator(",");
            }

            var target = ParseTarget();
            ExpectOperator("=");
            assignments.Add((target, ParseExpression()));
        }

        return new WithStatement(assignments, ParseBody("endwith"), line);
    }

    /// <summary>An assignment target: a name, an attribute of a namespace, or several of them.</summary>
    Expression ParseTarget(string? endsAt = null)
    {
        var line = Current.Line;
        if (Current.Kind == TemplateTokenKind.Name && _tokens[_position + 1].Is("."))
        {
            var space = new Name(ExpectName(), line);
            Next();
            return new AttributeAccess(space, ExpectName(), line);
        }

        var target = ParseTuple(simplified: true, endsAt: endsAt);
        CheckTarget(target);
        return target;
    }

    static void CheckTarget(Expression target)
    {
        switch (target)
        {
            case Name:
                return;
            case TupleLiteral tuple:
                foreach (var item in tuple.Items)
                {
                    CheckTarget(item);
                }

                return;
            default:
                throw new TemplateFault("this cannot be assigned to");
        }
    }

    Expression ParseTuple(bool simplified = false, bool withConditional = true, string? endsAt = null, bool inParentheses = false)
    {
        var line = Current.Line;
        var items = new List<Expression>();
        var isTuple = false;
        while (true)
        {
            if (items.Count > 0)
            {
                ExpectOperator(",");
            }

            if (Current.Kind is TemplateTokenKind.OutputEnd or TemplateTokenKind.StatementEnd
                || Current.Is(")")
                || (endsAt is not null && Current.Is(endsAt)))
            {
                break;
            }

            items.Add(simplified ? ParsePrimary() : withConditional ? ParseExpression() : ParseOr());
            if (!Current.Is(","))
            {
                break;
            }

            isTuple = true;
        }

        if (!isTuple && items.Count > 0)
        {
            return items[0];
        }

        return isTuple || inParentheses ? new TupleLiteral(items, line) : throw new TemplateFault("a value is missing");
    }

    Expression ParseExpression()
    {
        RenderBudget.EnsureStack();
        var line = Current.Line;
        var value = ParseOr();
        while (Skip("if"))
        {
            var condition = ParseOr();
            value = new Conditional(condition, value, Skip("else") ? ParseExpression() : null, line);
        }

        return value;
    }

    Expression ParseOr()
    {
        var left = ParseAnd();
        while (Current.Is("or"))
        {
            left = new Binary("or", left, Following(ParseAnd), Current.Line);
        }

        return left;
    }

    Expression ParseAnd()
    {
        var left = ParseNot();
        while (Current.Is("and"))
        {
            left = new Binary("and", left, Following(ParseNot), Current.Line);
        }

        return left;
    }

    Expression ParseNot()
    {
        RenderBudget.EnsureStack();
        return Current.Is("not") ? new Unary("not", Following(ParseNot), Current.Line) : ParseComparison();
    }

    Expression ParseComparison()
    {
        var line = Current.Line;
        var first = ParseSum();
        var rest = new List<(string, Expression)>();
        while (true)
        {
            if (Current.Kind == TemplateTokenKind.Operator && s_comparisons.Contains(Current.Text))
            {
                rest.Add((Next().Text, ParseSum()));
            }
            else if (Skip("in"))
            {
                rest.Add(("in", ParseSum()));
            }
            else if (Current.Is("not") && _tokens[_position + 1].Is("in"))
            {
                _position += 2;
                rest.Add(("not in", ParseSum()));
            }
            else
            {
                return rest.Count == 0 ? first : new Comparison(first, rest, line);
            }
        }
    }

    Expression ParseSum()
    {
        var left = ParseConcatenation();
        while (Current.Is("+") || Current.Is("-"))
        {
            left = new Binary(Current.Text, left, Following(ParseConcatenation), Current.Line);
        }

        return left;
    }

    Expression ParseConcatenation()
    {
        var line = Current.Line;
        var parts = new List<Expression> { ParseProduct() };
        while (Skip("~"))
        {
            parts.Add(ParseProduct());
        }

        return parts.Count == 1 ? parts[0] : new Concatenation(parts, line);
    }

    Expression ParseProduct()
    {
        var left = ParsePower();
        while (Current.Is("*") || Current.Is("/") || Current.Is("//") || Current.Is("%"))
        {
            left = new Binary(Current.Text, left, Following(ParsePower), Current.Line);
        }

        return left;
    }

    Expression ParsePower()
    {
        var left = ParseUnary();
        while (Current.Is("**"))
        {
            left = new Binary("**", left, Following(() => ParseUnary()), Current.Line);
        }

        return left;
    }

    Expression ParseUnary(bool withFilters = true)
    {
        RenderBudget.EnsureStack();
        var line = Current.Line;
        var value = Current.Is("-") || Current.Is("+")
            ? new Unary(Next().Text, ParseUnary(withFilters: false), line)
            : ParsePrimary();
        value = ParsePostfix(value);
        return withFilters ? ParseFiltersAndTests(value) : value;
    }

    Expression ParsePrimary()
    {
        RenderBudget.EnsureStack();
        var token = Next();
        switch (token.Kind)
        {
            case TemplateTokenKind.Name:
                switch (token.Text)
                {
                    case "true" or "True":
                        return new Constant(true, token.Line);
                    case "false" or "False":
                        return new Constant(false, token.Line);
                    case "none" or "None":
                        return new Constant(null, token.Line);
                    default:
                        if (token.Text is "varargs" or "kwargs" or "caller" && _macroNames.TryPeek(out var names))
                        {
                            names.Add(token.Text);
                        }

                        return new Name(token.Text, token.Line);
                }

            case TemplateTokenKind.Text:
                var text = new StringBuilder(token.Text);
                while (Current.Kind == TemplateTokenKind.Text)
                {
                    text.Append(Next().Text);
                }

                return new Constant(TrackedText.Literal(text.ToString()), token.Line);
            case TemplateTokenKind.Integer:
                return new Constant(ParseInteger(token.Text), token.Line);
            case TemplateTokenKind.Float:
                return new Constant(double.Parse(token.Text, CultureInfo.InvariantCulture), token.Line);
            case TemplateTokenKind.Operator when token.Text == "(":
                var inner = ParseTuple(inParentheses: true);
                ExpectOperator(")");
                return inner;
            case TemplateTokenKind.Operator when token.Text == "[":
                return new ListLiteral(ParseItems("]", ParseExpression), token.Line);
            case TemplateTokenKind.Operator when token.Text == "{":
                return new DictionaryLiteral(ParseItems("}", ParsePair), token.Line);
            default:
                _position--;
                throw Unexpected();
        }
    }

    static BigInteger ParseInteger(string text)
    {
        if (text.Length > MaxDigits)
        {
            throw new TemplateFault("a number is too long", ErrorKind.Refused);
        }

        var isSpecial = text.Length > 1 && text[0] == '0' && char.IsAsciiLetter(text[1]);
        if (!isSpecial)
        {
            return BigInteger.Parse(text, CultureInfo.InvariantCulture);
        }

        var radix = char.ToLowerInvariant(text[1]) switch { 'b' => 2, 'o' => 8, _ => 16 };
        return text.Skip(2).Aggregate(BigInteger.Zero, (value, digit) => (value * radix) + Convert.ToInt32(digit.ToString(), 16));
    }

    (Expression Key, Expression Value) ParsePair()
    {
        var key = ParseExpression();
        ExpectOperator(":");
        return (key, ParseExpression());
    }

    List<T> ParseItems<T>(string closing, Func<T> parse)
    {
        var items = new List<T>();
        while (!Current.Is(closing))
        {
            if (items.Count > 0)
            {
                ExpectOperator(",");
                if (Current.Is(closing))
                {
                    break;
                }
            }

            items.Add(parse());
        }

        Next();
        return items;
    }

    Expression ParsePostfix(Expression value)
    {
        while (true)
        {
            if (Current.Is("."))
            {
                value = ParseAttribute(value);
            }
            else if (Current.Is("["))
            {
                value = ParseItem(value);
            }
            else if (Current.Is("("))
            {
                value = new Call(value, ParseArguments(), Current.Line);
            }
            else
            {
                return value;
            }
        }
    }

    Expression ParseAttribute(Expression target)
    {
        var line = Next().Line;
        var token = Next();
        return token.Kind switch
        {
            TemplateTokenKind.Name => new AttributeAccess(target, token.Text, line),
            TemplateTokenKind.Integer => new ItemAccess(target, new Constant(ParseInteger(token.Text), line), line),
            _ => throw new TemplateFault("the name of an attribute is missing"),
        };
    }

    ItemAccess ParseItem(Expression target)
    {
        var line = Next().Line;
        var keys = ParseItems("]", ParseKey);
        return keys.Count switch
        {
            0 => throw new TemplateFault("a key is missing"),
            1 => new ItemAccess(target, keys[0], line),
            _ => new ItemAccess(target, new TupleLiteral(keys, line), line),
        };
    }

    Expression ParseKey()
    {
        var line = Current.Line;
        var start = Current.Is(":") ? null : ParseExpression();
        if (start is not null && !Current.Is(":"))
        {
            return start;
        }

        Next();
        var stop = IsBound() ? ParseExpression() : null;
        var step = Skip(":") && IsBound() ? ParseExpression() : null;
        return new Slice(start, stop, step, line);

        bool IsBound() => !Current.Is(":") && !Current.Is("]") && !Current.Is(",");
    }

    CallArguments ParseArguments()
    {
        ExpectOperator("(");
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? morePositional = null;
        Expression? moreNamed = null;
        var isFirst = true;
        while (!Current.Is(")"))
        {
            if (!isFirst)
            {
                ExpectOperator(",");
                if (Current.Is(")"))
                {
                    break;
                }
            }

            isFirst = false;
            if (Current.Is("*") && morePositional is null && moreNamed is null)
            {
                morePositional = Following(ParseExpression);
            }
            else if (Current.Is("**") && moreNamed is null)
            {
                moreNamed = Following(ParseExpression);
            }
            else if (Current.Kind == TemplateTokenKind.Name && _tokens[_position + 1].Is("=") && moreNamed is null)
            {
                var name = ExpectName();
                named.Add((name, Following(ParseExpression)));
            }
            else if (named.Count == 0 && morePositional is null && moreNamed is null)
            {
                positional.Add(ParseExpression());
            }
            else
            {
                throw new TemplateFault("an argument without a name stands behind one with a name");
            }
        }

        Next();
        return new CallArguments(positional, named, morePositional, moreNamed);
    }

    Expression ParseFiltersAndTests(Expression value)
    {
        while (true)
        {
            if (Current.Is("|"))
            {
                value = ParseFilters(value, beginsInside: false)!;
            }
            else if (Current.Is("is"))
            {
                value = ParseTest(value);
            }
            else if (Current.Is("("))
            {
                value = new Call(value, ParseArguments(), Current.Line);
            }
            else
            {
                return value;
            }
        }
    }

    Expression? ParseFilters(Expression? target, bool beginsInside)
    {
        while (beginsInside || Current.Is("|"))
        {
            if (!beginsInside)
            {
                Next();
            }

            beginsInside = false;
            var line = Current.Line;
            var name = ExpectDottedName();
            target = new Filter(target, name, Current.Is("(") ? ParseArguments() : CallArguments.None, line);
        }

        return target;
    }

    Expression ParseTest(Expression target)
    {
        var line = Next().Line;
        var isNegated = Skip("not");
        var name = ExpectDottedName();
        var arguments = CallArguments.None;
        if (Current.Is("("))
        {
            arguments = ParseArguments();
        }
        else if (Current.Kind is TemplateTokenKind.Name or TemplateTokenKind.Text or TemplateTokenKind.Integer or TemplateTokenKind.Float
            ? !(Current.Is("else") || Current.Is("or") || Current.Is("and"))
            : Current.Is("[") || Current.Is("{"))
        {
            if (Current.Is("is"))
            {
                throw new TemplateFault("tests cannot be chained with 'is'");
            }

            arguments = CallArguments.None with { Positional = [ParsePostfix(ParsePrimary())] };
        }

        var test = new Test(target, name, arguments, line);
        return isNegated ? new Unary("not", test, line) : test;
    }

    string ExpectDottedName()
    {
        var name = ExpectName();
        while (Skip("."))
        {
            name += "." + ExpectName();
        }

        return name;
    }

    Expression Following(Func<Expression> parse)
    {
        Next();
        return parse();
    }

    TemplateToken Next() => _position < _tokens.Count - 1 ? _tokens[_position++] : _tokens[^1];

    bool Skip(string text)
    {
        var isThere = Current.Is(text);
        _position += isThere ? 1 : 0;
        return isThere;
    }

    void Expect(TemplateTokenKind kind)
    {
        if (Current.Kind != kind)
        {
            throw Unexpected();
        }

        Next();
    }

    string ExpectName() => Current.Kind == TemplateTokenKind.Name ? Next().Text : throw Unexpected();

    void ExpectWord(string word)
    {
        if (!Skip(word))
        {
            throw new TemplateFault($"'{word}' is missing");
        }
    }

    void ExpectOperator(string sign)
    {
        if (!Skip(sign))
        {
            throw new TemplateFault($"'{sign}' is missing");
        }
    }

    TemplateFault Unexpected() => new(Current.Kind switch
    {
        TemplateTokenKind.End => "it ends in the middle",
        TemplateTokenKind.OutputEnd or TemplateTokenKind.StatementEnd => "a tag ends too early",
        TemplateTokenKind.Text => "a text is not expected here",
        _ => $"'{Current.Text}' is not expected here",
    });
}
