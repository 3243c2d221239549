using Noos.Language.Templates.Values;

namespace Noos.Language.Templates.Syntax;

/// <summary>A part of a template. <paramref name="Line"/> is where it stands, from 1.</summary>
abstract record Statement(int Line);

/// <summary>Text outside of tags.</summary>
sealed record TextStatement(TrackedText Text, int Line) : Statement(Line);

/// <summary><c>{{ a }}</c>.</summary>
sealed record OutputStatement(Expression Value, int Line) : Statement(Line);

sealed record IfStatement(IReadOnlyList<(Expression Condition, Block Body)> Branches, Block Else, int Line) : Statement(Line);

sealed record ForStatement(Expression Target, Expression Items, Expression? Condition, Block Body, Block Else, bool IsRecursive, int Line)
    : Statement(Line);

/// <summary><c>{% set a = b %}</c>.</summary>
sealed record SetStatement(Expression Target, Expression Value, int Line) : Statement(Line);

/// <summary><c>{% set a | filter %}...{% endset %}</c>.</summary>
sealed record SetBlockStatement(Expression Target, Expression? Filter, Block Body, int Line) : Statement(Line);

sealed record MacroStatement(string Name, MacroDefinition Definition, int Line) : Statement(Line);

/// <summary><c>{% call(a) b(c) %}...{% endcall %}</c>: a call that is given the body as <c>caller</c>.</summary>
sealed record CallStatement(Call Call, MacroDefinition Caller, int Line) : Statement(Line);

sealed record FilterStatement(Expression Filter, Block Body, int Line) : Statement(Line);

sealed record WithStatement(IReadOnlyList<(Expression Target, Expression Value)> Assignments, Block Body, int Line) : Statement(Line);

/// <summary><c>{% break %}</c> and <c>{% continue %}</c>.</summary>
sealed record LoopControlStatement(bool IsBreak, int Line) : Statement(Line);

sealed record Block(IReadOnlyList<Statement> Statements)
{
    public static Block Empty { get; } = new([]);
}

/// <param name="Name">What a message calls it.</param>
/// <param name="Parameters">Those with a default are optional.</param>
/// <param name="Body">What it renders.</param>
/// <param name="Extras">Which of <c>varargs</c>, <c>kwargs</c> and <c>caller</c> the body reads: only then it may be given them.</param>
sealed record MacroDefinition(
    string Name, IReadOnlyList<(string Name, Expression? Default)> Parameters, Block Body, IReadOnlySet<string> Extras);
