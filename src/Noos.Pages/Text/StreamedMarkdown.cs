using System.Text;
using Markdig.Syntax;

namespace Noos.Pages.Text;

/// <summary>
/// A Markdown text as it is written: a block that another follows is rendered once, only the last one again and again. Not thread-safe.
/// </summary>
/// <param name="citations">What numbers in brackets lead to; null for nothing.</param>
public sealed class StreamedMarkdown(CitationLinks? citations = null)
{
    // Lines of open code that are sent together: of a long listing only the end is drawn again.
    const int ChunkLines = 24;

    readonly StringBuilder _text = new();
    readonly List<DrawnBlock> _done = [];
    int _start;
    DrawnBlock? _last;
    MarkdownRenderer.Writer? _writer;
    bool _isDrawn = true;
    bool _isComplete;

    /// <summary>All that was written.</summary>
    public string Text => _text.ToString();

    /// <summary>Grows with every change.</summary>
    public int Version { get; private set; }

    /// <summary>Nothing but space so far.</summary>
    public bool IsEmpty => _start == 0 && _text.ToString().AsSpan().IsWhiteSpace();

    /// <summary>The blocks as they are to be drawn now; one that is final is the same object every time.</summary>
    public IReadOnlyList<DrawnBlock> Blocks
    {
        get
        {
            Draw();
            return _last is null ? _done : [.. _done, _last];
        }
    }

    public void Append(string text)
    {
        _text.Append(text);
        _isDrawn = false;
        Version++;
    }

    /// <summary>Nothing more comes.</summary>
    public void Complete()
    {
        if (!_isComplete)
        {
            (_isComplete, _isDrawn) = (true, false);
            Version++;
        }
    }

    void Draw()
    {
        if (_isDrawn)
        {
            return;
        }

        _isDrawn = true;
        _last = null;
        var tail = _text.ToString(_start, _text.Length - _start);
        var document = MarkdownRenderer.Parse(tail);
        var blocks = document.Where(block => block is not LinkReferenceDefinitionGroup).ToArray();
        if (_isComplete)
        {
            foreach (var block in blocks)
            {
                _done.Add(Done(block, tail));
            }

            (_start, _writer) = (_text.Length, null);
            return;
        }

        for (var i = 0; i < blocks.Length - 1; i++)
        {
            _done.Add(Done(blocks[i], tail));
        }

        if (blocks.Length == 0)
        {
            return;
        }

        var rest = tail[blocks[^1].Span.Start..];
        // Of what lies before it nothing can change any more.
        _start += blocks[^1].Span.Start;
        _last = DrawLast(rest, blocks[^1], tail);
    }

    DrawnBlock Done(Block block, string source)
    {
        var html = Render(block, source);
        return block is FencedCodeBlock code && CodeCell.ToolFor(code.Info) is { } tool
            ? new DrawnBlock(_done.Count) { Html = html, Cell = new CodeCell(tool, code.Lines.ToString()) }
            : new DrawnBlock(_done.Count) { Html = html };
    }

    DrawnBlock? DrawLast(string rest, Block block, string source)
    {
        if (block is FencedCodeBlock { ClosingFencedCharCount: 0 } code)
        {
            return new DrawnBlock(_done.Count) { Language = code.Info?.Trim() ?? "", Code = Chunks(code, rest) };
        }

        var whole = block is FencedCodeBlock ? rest : StreamingTail.Complete(rest);
        return whole.Length == 0 ? null
            : new DrawnBlock(_done.Count) { Html = whole == rest ? Render(block, source) : Render(MarkdownRenderer.Parse(whole), whole) };
    }

    string Render(MarkdownObject block, string source) =>
        (_writer ??= new MarkdownRenderer.Writer(citations)).Render(block, source);

    static List<string> Chunks(FencedCodeBlock code, string rest)
    {
        // While the line of the fence is being written nobody knows the language.
        if (!rest.Contains('\n'))
        {
            return [];
        }

        var lines = code.Lines.ToString().Split('\n');
        // A last line of the fence's marks alone may be its end.
        var count = lines.Length > 0 && lines[^1].AsSpan().Trim() is { Length: > 0 } last && last.IndexOfAnyExcept(code.FencedChar) < 0
            ? lines.Length - 1
            : lines.Length;
        var chunks = new List<string>();
        for (var from = 0; from < count; from += ChunkLines)
        {
            var to = Math.Min(from + ChunkLines, count);
            chunks.Add(string.Join('\n', lines[from..to]) + (to < count ? "\n" : ""));
        }

        return chunks;
    }
}

/// <summary>A block as it is drawn: HTML, or code that is still being written.</summary>
/// <param name="Number">Its place.</param>
public sealed record DrawnBlock(int Number)
{
    public string Html { get; init; } = "";

    /// <summary>Of open code.</summary>
    public string? Language { get; init; }

    /// <summary>Code that can be run; null for anything else, and while it is written.</summary>
    public CodeCell? Cell { get; init; }

    /// <summary>Pieces of open code; null for HTML.</summary>
    public IReadOnlyList<string>? Code { get; init; }
}
