namespace Noos.Language.Templates.Syntax;

readonly record struct TemplateToken(TemplateTokenKind Kind, string Text, int Line)
{
    public bool Is(string text) => Kind is TemplateTokenKind.Name or TemplateTokenKind.Operator && Text == text;
}

enum TemplateTokenKind
{
    Data,
    OutputBegin,
    OutputEnd,
    StatementBegin,
    StatementEnd,
    Name,
    Text,
    Integer,
    Float,
    Operator,
    End,
}
