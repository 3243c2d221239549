namespace Noos.Tools.Calculator;

/// <summary>A parsed piece of arithmetic.</summary>
abstract record Expression;

sealed record Literal(Number Value) : Expression;

sealed record Negation(Expression Operand) : Expression;

sealed record Percentage(Expression Operand) : Expression;

sealed record FactorialOf(Expression Operand) : Expression;

sealed record Degrees(Expression Operand) : Expression;

/// <summary><paramref name="Operator"/> is one of + - * / ^ and m (remainder).</summary>
sealed record Binary(char Operator, Expression Left, Expression Right) : Expression;

sealed record FunctionCall(string Name, IReadOnlyList<Expression> Arguments) : Expression;

/// <summary><paramref name="Operator"/> is one of &lt; &lt;= = != &gt;= &gt;.</summary>
sealed record Comparison(string Operator, Expression Left, Expression Right) : Expression;
