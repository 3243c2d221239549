using System.Buffers;
using System.Text;

namespace Noos.Pages.Text;

/// <summary>
/// The end of a text that is still being written, made whole: what cannot be drawn yet is held back, what is open is closed, so that
/// nothing is ever seen half: no lone asterisks, no first row of a table with its bars, no address of a link that is still to come.
/// </summary>
static class StreamingTail
{
    // A lone dollar is a dollar.
    const int MaxFormula = 200;

    static readonly SearchValues<char> s_markers = SearchValues.Create("#>*-+=_~`|: \t");
    static readonly SearchValues<char> s_ruleMarks = SearchValues.Create("|:- \t");

    /// <param name="text">The last block so far, outside of fenced code.</param>
    public static string Complete(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = HoldMarkers(text);
        if (HasOpenFence(text))
        {
            // Code inside a list ends with the list.
            return text;
        }

        return HoldTable(text) ? "" : CloseInlines(text);
    }

    /// <summary>A last line of markers alone may still become anything: a heading, a list, a rule, a fence.</summary>
    static string HoldMarkers(string text)
    {
        var start = text.LastIndexOf('\n') + 1;
        var line = text.AsSpan(start).Trim();
        var isOpen = line.Length > 0 && (line.IndexOfAnyExcept(s_markers) < 0
            || (line.Length <= 4 && line[^1] is '.' or ')' && line[..^1].IndexOfAnyExceptInRange('0', '9') < 0)
            || (line.Length <= 4 && line.IndexOfAnyExceptInRange('0', '9') < 0));
        return isOpen ? text[..start].TrimEnd('\n') : text;
    }

    static bool HasOpenFence(string text)
    {
        var isOpen = false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var start = line.TrimStart(" \t>-*+0123456789.)");
            isOpen ^= start.StartsWith("```") || start.StartsWith("~~~");
        }

        return isOpen;
    }

    /// <summary>A table is one from its second line on.</summary>
    static bool HoldTable(string text)
    {
        var trimmed = text.TrimStart();
        if (!trimmed.StartsWith('|'))
        {
            return false;
        }

        var lines = trimmed.Split('\n');
        return lines.Length < 2 || lines[1].Length == 0
            || (lines.Length == 2 && lines[1].AsSpan().IndexOfAnyExcept(s_ruleMarks) < 0 && !lines[1].TrimEnd().EndsWith('|'));
    }

    /// <summary>Closes code, emphasis and strikethrough; a link that is not complete is held back.</summary>
    static string CloseInlines(string text)
    {
        // Marks at the very end have opened nothing yet, or close what is closed below all the same.
        text = text.TrimEnd('*', '_', '~');
        var open = new OpenMarks();
        var lastBracket = -1;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '$' or '\\')
            {
                if (MathExtension.Find(text.AsSpan(i)) is { } math)
                {
                    i += math.Length - 1;
                    continue;
                }

                if (IsOpenFormula(text.AsSpan(i)))
                {
                    return Close(text[..i], open);
                }
            }

            switch (text[i])
            {
                case '\\':
                    i++;
                    break;
                case '`':
                    var ticks = Run(text, i);
                    var end = Find(text, i + ticks, ticks);
                    if (end < 0)
                    {
                        // Open code: all behind it is code.
                        return i + ticks == text.Length ? Close(text[..i], open) : Close(text + new string('`', ticks), open);
                    }

                    i = end + ticks - 1;
                    break;
                case '[':
                    lastBracket = i > 0 && text[i - 1] == '!' ? i - 1 : i;
                    break;
                case ']' when lastBracket >= 0 && i + 1 < text.Length:
                    if (text[i + 1] == '(')
                    {
                        var close = text.IndexOf(')', i);
                        if (close < 0)
                        {
                            return Close(text[..lastBracket], open);
                        }

                        i = close;
                    }

                    lastBracket = -1;
                    break;
                case '*' or '_' or '~' when text[i] != '~' || Run(text, i) == 2:
                    i += Toggle(text, i, open) - 1;
                    break;
                default:
                    break;
            }
        }

        // A bracket that is open may become a link or a citation.
        return Close(lastBracket >= 0 && text.Length - lastBracket < 400 ? text[..lastBracket] : text, open);
    }

    static bool IsOpenFormula(ReadOnlySpan<char> text) =>
        (text is ['$', '$', ..] or ['\\', '(' or '[', ..] && text.Length <= MathExtension.MaxLength)
        || text is ['$'] or ['\\']
        || (text is ['$', var next, ..] && !char.IsAsciiDigit(next) && !char.IsWhiteSpace(next) && text.Length < MaxFormula
            && !text.Contains('\n'));

    static int Toggle(string text, int at, OpenMarks open)
    {
        var length = Run(text, at);
        var before = at == 0 ? ' ' : text[at - 1];
        var after = at + length >= text.Length ? ' ' : text[at + length];
        var mark = text.Substring(at, Math.Min(length, 3));
        if (!char.IsWhiteSpace(before) && open.Contains(mark))
        {
            open.Close(mark);
        }
        else if (!char.IsWhiteSpace(after) && (text[at] != '_' || !char.IsLetterOrDigit(before)))
        {
            open.Push(mark);
        }

        return length;
    }

    static string Close(string text, OpenMarks open)
    {
        var closed = new StringBuilder(text.TrimEnd());
        foreach (var mark in open.FromTheInside)
        {
            closed.Append(mark);
        }

        return closed.ToString();
    }

    /// <summary>Marks that are open, one within another.</summary>
    sealed class OpenMarks
    {
        readonly Stack<string> _marks = new();
        // Of which there are few, each perhaps thousands of times.
        readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

        public IEnumerable<string> FromTheInside => _marks;

        public bool Contains(string mark) => _counts.GetValueOrDefault(mark) > 0;

        public void Push(string mark)
        {
            _marks.Push(mark);
            _counts[mark] = _counts.GetValueOrDefault(mark) + 1;
        }

        /// <summary>What was opened inside and never closed is text.</summary>
        public void Close(string mark)
        {
            string last;
            do
            {
                last = _marks.Pop();
                _counts[last]--;
            }
            while (last != mark);
        }
    }

    static int Run(string text, int at)
    {
        var end = at;
        while (end < text.Length && text[end] == text[at])
        {
            end++;
        }

        return end - at;
    }

    static int Find(string text, int from, int ticks)
    {
        for (var i = text.IndexOf('`', from); i >= 0; i = text.IndexOf('`', i))
        {
            var length = Run(text, i);
            if (length == ticks)
            {
                return i;
            }

            i += length;
        }

        return -1;
    }
}
