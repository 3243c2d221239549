using System.Collections.Frozen;
using System.Net;
using System.Text;

namespace Noos.Pages.Text;

/// <summary>
/// Code as HTML with words, texts, numbers and comments in colours. One scanner for all languages, which differ in their words and in how
/// comments begin: never wrong enough to hurt, and nothing to load. Code of other languages stays plain.
/// </summary>
static class CodeHighlighter
{
    // Longer code is shown as it is: nobody reads its colours.
    const int MaxLength = 100_000;

    static readonly CodeLanguage s_c = new("//", HasBlocks: true, Words(
        "abstract as async await base bool boolean break byte case catch char class const continue default defer delegate do double else "
        + "enum event explicit export extends extern false final finally fixed float fn for foreach from func function get go if impl "
        + "implements implicit import in init int interface internal is let lock long match mod module mut namespace new nil null nullptr "
        + "object of operator out override package params private protected pub public readonly record ref return sbyte sealed select self "
        + "set short sizeof static string struct super switch this throw throws trait true try type typeof uint ulong undefined union "
        + "unsafe use using val var virtual void volatile when where while with yield"));

    static readonly CodeLanguage s_python = new("#", HasBlocks: false, Words(
        "False None True and as assert async await break class continue def del elif else except finally for from global if import in is "
        + "lambda match nonlocal not or pass raise return self try while with yield"));

    static readonly CodeLanguage s_shell = new("#", HasBlocks: false, Words(
        "case cd do done echo elif else esac exit export fi for function if in local return set then while"));

    static readonly CodeLanguage s_sql = new("--", HasBlocks: true, Words(
        "add all alter and as asc between by case create delete desc distinct drop else end exists from full group having in index inner "
        + "insert into is join key left like limit not null offset on or order outer primary right select set table then union unique "
        + "update values view when where with"), IgnoresCase: true);

    static readonly CodeLanguage s_data = new("#", HasBlocks: false, Words("true false null yes no on off"));

    static readonly FrozenDictionary<string, CodeLanguage> s_languages = new (CodeLanguage Language, string Names)[]
    {
        (s_c, "c c++ cpp cs csharp c# java javascript js jsx ts tsx typescript go golang rust rs kotlin kt swift scala php dart css"),
        (s_python, "python py ruby rb r julia"),
        (s_shell, "sh bash shell zsh console powershell dockerfile make makefile"),
        (s_sql, "sql sqlite postgres lua haskell"),
        (s_data, "json yaml yml toml ini"),
    }.SelectMany(row => row.Names.Split(' ').Select(name => (name, row.Language)))
        .ToFrozenDictionary(row => row.name, row => row.Language, StringComparer.OrdinalIgnoreCase);

    public static string Render(string code, string? language) =>
        code.Length <= MaxLength && s_languages.TryGetValue(CodeFigure.NameOf(language), out var known)
            ? Render(code, known)
            : WebUtility.HtmlEncode(code);

    static string Render(string code, CodeLanguage language)
    {
        var html = new StringBuilder(code.Length * 2);
        for (var i = 0; i < code.Length;)
        {
            var (end, kind) = Next(code, i, language);
            var text = WebUtility.HtmlEncode(code[i..end]);
            _ = kind == ' ' ? html.Append(text) : html.Append("<span class=\"").Append(kind).Append("\">").Append(text).Append("</span>");
            i = end;
        }

        return html.ToString();
    }

    /// <summary>The end of the piece that begins here, and its class; a space for none.</summary>
    static (int End, char Kind) Next(string code, int start, CodeLanguage language)
    {
        var rest = code.AsSpan(start);
        if (rest.StartsWith(language.Comment, StringComparison.Ordinal))
        {
            return (End(code, start, "\n", isKept: true), 'c');
        }

        if (language.HasBlocks && rest.StartsWith("/*", StringComparison.Ordinal))
        {
            return (End(code, start + 2, "*/"), 'c');
        }

        var first = code[start];
        if (first is '"' or '\'' or '`')
        {
            var isTriple = rest.Length > 2 && rest[1] == first && rest[2] == first;
            return (isTriple ? End(code, start + 3, new string(first, 3)) : EndOfText(code, start), 's');
        }

        if (char.IsAsciiDigit(first))
        {
            return (EndOfWord(code, start, hasDots: true), 'n');
        }

        if (char.IsLetter(first) || first is '_' or '@' or '$')
        {
            var end = EndOfWord(code, start, hasDots: false);
            var word = code[start..end];
            return (end, language.Keywords.Contains(language.IgnoresCase ? word.ToLowerInvariant() : word) ? 'k' : ' ');
        }

        return (start + 1, ' ');
    }

    static int End(string code, int from, string mark, bool isKept = false) =>
        code.IndexOf(mark, Math.Min(from, code.Length), StringComparison.Ordinal) is >= 0 and var at
            ? at + (isKept ? 0 : mark.Length)
            : code.Length;

    static int EndOfText(string code, int start)
    {
        // A text ends with its line at the latest: an apostrophe in a comment that was not known must not colour all that follows.
        for (var i = start + 1; i < code.Length && (code[i] != '\n' || code[start] == '`'); i++)
        {
            if (code[i] == '\\')
            {
                i++;
            }
            else if (code[i] == code[start])
            {
                return i + 1;
            }
        }

        var line = code.IndexOf('\n', start);
        return line < 0 ? code.Length : line;
    }

    static int EndOfWord(string code, int start, bool hasDots)
    {
        var end = start + 1;
        while (end < code.Length && (char.IsLetterOrDigit(code[end]) || code[end] == '_' || (hasDots && code[end] == '.')))
        {
            end++;
        }

        return end;
    }

    static FrozenSet<string> Words(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <param name="Comment">Begins one that ends with its line.</param>
    /// <param name="HasBlocks">Comments may be between <c>/*</c> and <c>*/</c>, too.</param>
    /// <param name="Keywords">Its words.</param>
    /// <param name="IgnoresCase">They may be written in capitals; here they are small.</param>
    sealed record CodeLanguage(string Comment, bool HasBlocks, FrozenSet<string> Keywords, bool IgnoresCase = false);
}
