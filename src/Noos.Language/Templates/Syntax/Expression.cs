namespace Noos.Language.Templates.Syntax;

/// <summary>An expression of the syntax tree. <paramref name="Line"/> is where it stands, from 1.</summary>
abstract record Expression(int Line);

/// <summary>A number, text, truth value or none.</summary>
sealed record Constant(object? Value, int Line) : Expression(Line);

sealed record Name(string Identifier, int Line) : Expression(Line);

sealed record ListLiteral(IReadOnlyList<Expression> Items, int Line) : Expression(Line);

sealed record TupleLiteral(IReadOnlyList<Expression> Items, int Line) : Expression(Line);

sealed record DictionaryLiteral(IReadOnlyList<(Expression Key, Expression Value)> Items, int Line) : Expression(Line);

/// <summary><c>not</c>, <c>-</c> or <c>+</c> before a value.</summary>
sealed record Unary(string Operator, Expression Operand, int Line) : Expression(Line);

/// <summary>Arithmetic, <c>and</c> or <c>or</c>.</summary>
sealed record Binary(string Operator, Expression Left, Expression Right, int Line) : Expression(Line);

/// <summary>Comparisons in a chain: <c>a &lt; b &lt; c</c>.</summary>
sealed record Comparison(Expression First, IReadOnlyList<(string Operator, Expression Operand)> Rest, int Line) : Expression(Line);

/// <summary>Texts joined with <c>~</c>.</summary>
sealed record Concatenation(IReadOnlyList<Expression> Parts, int Line) : Expression(Line);

/// <summary><c>a if condition else b</c>.</summary>
sealed record Conditional(Expression Condition, Expression Then, Expression? Else, int Line) : Expression(Line);

/// <summary><c>a.name</c>: an attribute, else an item.</summary>
sealed record AttributeAccess(Expression Target, string Attribute, int Line) : Expression(Line);

/// <summary><c>a[key]</c>: an item, else an attribute.</summary>
sealed record ItemAccess(Expression Target, Expression Key, int Line) : Expression(Line);

sealed record Slice(Expression? Start, Expression? Stop, Expression? Step, int Line) : Expression(Line);

sealed record Call(Expression Callee, CallArguments Arguments, int Line) : Expression(Line);

/// <summary><c>a | name(arguments)</c>; without a target where a block is what is filtered.</summary>
sealed record Filter(Expression? Target, string Identifier, CallArguments Arguments, int Line) : Expression(Line);

/// <summary><c>a is name(arguments)</c>.</summary>
sealed record Test(Expression Target, string Identifier, CallArguments Arguments, int Line) : Expression(Line);

sealed record CallArguments(
    IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named, Expression? MorePositional,
    Expression? MoreNamed)
{
    public static CallArguments None { get; } = new([], [], null, null);
}
