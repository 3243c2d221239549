using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Noos.Core;
using Noos.Language.Templates.Values;

namespace Noos.Language.Templates.Syntax;

/// <summary>
/// Cuts a template into tokens by the rules of Jinja 3 with <c>trim_blocks</c> and <c>lstrip_blocks</c>: the line end after a statement or
/// comment goes, and so does the white space before one that begins its line; <c>-</c> strips all white space, <c>+</c> none.
/// </summary>
sealed partial class TemplateLexer
{
    static readonly string[] s_operators =
        ["**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",",
            ";"];

    // None of the patterns can take long; milliseconds.
    const int MatchTimeout = 2_000;

    readonly string _source;
    readonly List<TemplateToken> _tokens = [];
    readonly Stack<char> _open = new();
    int _position;
    int _line = 1;
    bool _beginsLine = true;

    TemplateLexer(string source)
    {
        // One line end at the very end goes, as in Jinja.
        var text = source.ReplaceLineEndings("\n");
        _source = text.EndsWith('\n') ? text[..^1] : text;
    }

    public static List<TemplateToken> Tokenize(string source)
    {
        var lexer = new TemplateLexer(source);
        while (lexer._position < lexer._source.Length)
        {
            lexer.ReadText();
        }

        lexer._tokens.Add(new(TemplateTokenKind.End, "", lexer._line));
        return lexer._tokens;
    }

    /// <summary>The names in a template that stand for themselves, and not for a member of what is before a point.</summary>
    public static HashSet<string> Names(string source)
    {
        var tokens = Tokenize(source);
        return
        [
            .. tokens.Where((token, index) => token.Kind == TemplateTokenKind.Name && (index == 0 || !tokens[index - 1].Is(".")))
                .Select(token => token.Text),
        ];
    }

    /// <summary>Text up to the next tag, and the tag.</summary>
    void ReadText()
    {
        var start = _position;
        var tag = FindTag(start);
        if (tag < 0)
        {
            AddData(_source[start..]);
            _position = _source.Length;
            return;
        }

        var kind = _source[tag + 1];
        var sign = SignAt(tag + 2);
        AddData(Strip(_source[start..tag], sign, isOutput: kind == '{'));
        Advance(tag + (sign == '\0' ? 2 : 3));
        switch (kind)
        {
            case '#':
                ReadComment();
                break;
            case '%' when RawBegin().Match(_source, _position) is { Success: true } raw:
                Advance(raw.Index + raw.Length);
                ReadRaw();
                break;
            case '%':
                ReadTag("%}", TemplateTokenKind.StatementBegin, TemplateTokenKind.StatementEnd);
                break;
            default:
                ReadTag("}}", TemplateTokenKind.OutputBegin, TemplateTokenKind.OutputEnd);
                break;
        }
    }

    int FindTag(int from)
    {
        for (var at = _source.IndexOf('{', from); at >= 0 && at + 1 < _source.Length; at = _source.IndexOf('{', at + 1))
        {
            if (_source[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }

        return -1;
    }

    char SignAt(int position) => position < _source.Length && _source[position] is '-' or '+' ? _source[position] : '\0';

    string Strip(string text, char sign, bool isOutput)
    {
        if (sign == '-')
        {
            var end = text.Length;
            while (end > 0 && PythonSemantics.IsSpace(text[end - 1]))
            {
                end--;
            }

            return text[..end];
        }

        if (sign == '+' || isOutput)
        {
            return text;
        }

        var line = text.LastIndexOf('\n') + 1;
        var isBlank = (line > 0 || _beginsLine) && line < text.Length && text.AsSpan(line).IndexOfAnyExcept(" \t\r\v\f") < 0;
        return isBlank ? text[..line] : text;
    }

    void AddData(string text)
    {
        if (text.Length > 0)
        {
            _tokens.Add(new(TemplateTokenKind.Data, text, _line));
        }
    }

    void ReadComment()
    {
        var end = _source.IndexOf("#}", _position, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Fault("a comment is not closed");
        }

        var sign = end > _position ? SignAt(end - 1) : '\0';
        FinishTag(end + 2, sign);
    }

    /// <summary>Text that is no template, up to <c>endraw</c>.</summary>
    void ReadRaw()
    {
        var end = RawEnd().Match(_source, _position);
        if (!end.Success)
        {
            throw Fault("a raw block is not closed");
        }

        AddData(Strip(_source[_position..end.Index], SignAt(end.Index + 2), isOutput: false));
        var tagEnd = end.Index + end.Length;
        FinishTag(tagEnd, SignAt(tagEnd - 3));
    }

    /// <summary>Goes on behind a tag whose last character was before <paramref name="end"/>, without the white space it swallows.</summary>
    void FinishTag(int end, char sign)
    {
        if (sign == '-')
        {
            while (end < _source.Length && PythonSemantics.IsSpace(_source[end]))
            {
                end++;
            }
        }
        else if (sign == '\0' && end < _source.Length && _source[end] == '\n')
        {
            end++;
        }

        Advance(end);
        _beginsLine = _source[end - 1] == '\n';
    }

    void Advance(int position)
    {
        _line += _source.AsSpan(_position, position - _position).Count('\n');
        _position = position;
    }

    void ReadTag(string closing, TemplateTokenKind begin, TemplateTokenKind end)
    {
        Add(begin, "");
        _open.Clear();
        while (true)
        {
            while (_position < _source.Length && PythonSemantics.IsSpace(_source[_position]))
            {
                Advance(_position + 1);
            }

            if (_position >= _source.Length)
            {
                throw Fault($"'{closing}' is missing");
            }

            if (_open.Count == 0)
            {
                var sign = _source[_position] == '-' || (_source[_position] == '+' && closing == "%}") ? _source[_position] : '\0';
                var at = _position + (sign == '\0' ? 0 : 1);
                if (_source.AsSpan(at).StartsWith(closing, StringComparison.Ordinal))
                {
                    Add(end, "");
                    if (closing == "%}" || sign == '-')
                    {
                        FinishTag(at + 2, sign);
                    }
                    else
                    {
                        Advance(at + 2);
                        _beginsLine = false;
                    }

                    return;
                }
            }

            ReadToken();
        }
    }

    void ReadToken()
    {
        var first = _source[_position];
        if (first is '\'' or '"')
        {
            ReadString(first);
        }
        else if (char.IsAsciiDigit(first))
        {
            var isFloat = (_position == 0 || _source[_position - 1] != '.') && Float().Match(_source, _position) is { Success: true };
            var number = isFloat ? Float().Match(_source, _position) : Integer().Match(_source, _position);
            Add(isFloat ? TemplateTokenKind.Float : TemplateTokenKind.Integer, number.Value.Replace("_", "", StringComparison.Ordinal));
            Advance(_position + number.Length);
        }
        else if (Name().Match(_source, _position) is { Success: true } name)
        {
            Add(TemplateTokenKind.Name, name.Value);
            Advance(_position + name.Length);
        }
        else
        {
            ReadOperator();
        }
    }

    void ReadOperator()
    {
        var sign = Array.Find(s_operators, sign => _source.AsSpan(_position).StartsWith(sign, StringComparison.Ordinal))
            ?? throw Fault($"the character '{_source[_position]}' is not understood");
        switch (sign)
        {
            case "(" or "[" or "{":
                _open.Push(sign[0] switch { '(' => ')', '[' => ']', _ => '}' });
                break;
            case ")" or "]" or "}" when !_open.TryPop(out var expected) || expected != sign[0]:
                throw Fault($"'{sign}' is not expected here");
        }

        Add(TemplateTokenKind.Operator, sign);
        Advance(_position + sign.Length);
    }

    void ReadString(char quote)
    {
        var end = _position + 1;
        while (end < _source.Length && _source[end] != quote)
        {
            end += _source[end] == '\\' ? 2 : 1;
        }

        if (end >= _source.Length)
        {
            throw Fault("a text is not closed");
        }

        Add(TemplateTokenKind.Text, Unescape(_source.AsSpan(_position + 1, end - _position - 1)));
        Advance(end + 1);
    }

    /// <summary>The escapes of Python's strings; an unknown one stays as it is written.</summary>
    string Unescape(ReadOnlySpan<char> text)
    {
        if (!text.Contains('\\'))
        {
            return text.ToString();
        }

        var result = new StringBuilder();
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] != '\\')
            {
                result.Append(text[index]);
                continue;
            }

            var escape = text[++index];
            switch (escape)
            {
                case '\n':
                    break;
                case 'x' or 'u' or 'U':
                    var length = escape switch { 'x' => 2, 'u' => 4, _ => 8 };
                    if (index + length >= text.Length
                        || !int.TryParse(
                            text.Slice(index + 1, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                        || code is < 0 or > 0x10FFFF)
                    {
                        throw Fault($"the escape '\\{escape}' needs {length} hexadecimal digits");
                    }

                    _ = code < 0x10000 ? result.Append((char)code) : result.Append(char.ConvertFromUtf32(code));
                    index += length;
                    break;
                case >= '0' and <= '7':
                    var digits = 1;
                    while (digits < 3 && index + digits < text.Length && text[index + digits] is >= '0' and <= '7')
                    {
                        digits++;
                    }

                    result.Append((char)Convert.ToInt32(text.Slice(index, digits).ToString(), 8));
                    index += digits - 1;
                    break;
                default:
                    var at = "abfnrtv\\'\"".IndexOf(escape, StringComparison.Ordinal);
                    _ = at >= 0 ? result.Append("\a\b\f\n\r\t\v\\'\""[at]) : result.Append('\\').Append(escape);
                    break;
            }
        }

        return result.ToString();
    }

    void Add(TemplateTokenKind kind, string text) => _tokens.Add(new(kind, text, _line));

    NoosException Fault(string message) => new($"Line {_line} of the chat template is not valid Jinja: {message}; correct the template.");

    [GeneratedRegex(@"\G\s*raw\s*(?:-%\}\s*|%\})", RegexOptions.None, MatchTimeout)]
    private static partial Regex RawBegin();

    [GeneratedRegex(@"\{%[-+]?\s*endraw\s*[-+]?%\}", RegexOptions.None, MatchTimeout)]
    private static partial Regex RawEnd();

    [GeneratedRegex(@"\G(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?[eE][+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)", RegexOptions.None, MatchTimeout)]
    private static partial Regex Float();

    [GeneratedRegex(
        @"\G(?:0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*)", RegexOptions.None, MatchTimeout)]
    private static partial Regex Integer();

    [GeneratedRegex(@"\G[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}_]*", RegexOptions.None, MatchTimeout)]
    private static partial Regex Name();
}
