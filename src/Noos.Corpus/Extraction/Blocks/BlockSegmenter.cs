using System.Buffers;
using Noos.Corpus.Extraction.Dom;

namespace Noos.Corpus.Extraction.Blocks;

/// <summary>
/// Walks a page in reading order and cuts its text into blocks, much as a browser's layout would without its style sheets. No recursion:
/// pages may be nested as deep as they like.
/// </summary>
sealed class BlockSegmenter
{
    static readonly SearchValues<char> s_irregular = SearchValues.Create(
        " \t\n\r\f\v\u00A0\u00AD\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
        + "\u2009\u200A\u200B\u200C\u200E\u200F\u2028\u2029"
        + "\u202F\u205F\u2060\u3000\uFEFF\0");

    readonly HintVocabulary _vocabulary = new();
    readonly ArrayBufferWriter<char> _text = new(16 * 1024);
    readonly List<TextBlock> _blocks = [];
    readonly List<InlineMark> _marks = [];
    readonly List<PageElement> _elements = [];
    readonly Stack<Frame> _frames = new();
    readonly List<DomElement> _openInline = [];

    PageElement _current = null!;

    // Of the block that is being written.
    int _start;
    int _firstMark;
    int _lineBreaks;
    bool _isSpacePending;
    int _linkCharacters;
    int _boldCharacters;
    bool _beganInLink;
    ElementHints _inlineHints;

    // Of what is open around it.
    int _links;
    int _bold;
    int _preformatted;

    BlockSegmenter()
    {
    }

    public static PageText Segment(DomDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var segmenter = new BlockSegmenter();
        segmenter.Walk(document);
        return new PageText
        {
            Document = document,
            Text = segmenter._text.WrittenMemory,
            Blocks = segmenter._blocks,
            Marks = segmenter._marks,
            Elements = segmenter._elements,
        };
    }

    void Walk(DomDocument document)
    {
        // Text may stand outside of the body where tags are misplaced.
        foreach (var node in document.Nodes)
        {
            if (node is DomElement root)
            {
                Enter(root);
                Run();
            }
        }
    }

    void Run()
    {
        while (_frames.TryPop(out var frame))
        {
            if (frame.Next == frame.Element.Length)
            {
                Leave(frame);
                continue;
            }

            _frames.Push(frame with { Next = frame.Next + 1 });
            switch (frame.Element.Nodes[frame.Next])
            {
                case DomText text:
                    Append(text.Text.Span);
                    break;
                case DomElement element:
                    Enter(element);
                    break;
            }
        }
    }

    void Enter(DomElement element)
    {
        switch (element.Tag)
        {
            case HtmlTag.Br:
                Break();
                return;
            case HtmlTag.Hr:
                Flush();
                return;
            case HtmlTag.Img:
                return;
            case HtmlTag.Math when element["alttext"] is { Length: > 0 } formula:
                Append(" $");
                Append(formula.Span);
                Append("$ ");
                return;
        }

        if (TagTable.IsSkipped(element.Tag))
        {
            return;
        }

        if (TagTable.IsInline(element.Tag) || element.Tag == HtmlTag.Math || IsWithinFormula(element))
        {
            EnterInline(element);
            return;
        }

        Flush();
        _current = CreateElement(element);
        _preformatted += element.Tag == HtmlTag.Pre ? 1 : 0;
        _frames.Push(new Frame(element, 0, IsInline: false));
    }

    // Not in the namespace of HTML, and none of HTML began within: a part of a formula.
    static bool IsWithinFormula(DomElement element) =>
        element.Tag == HtmlTag.Unknown && element.Flags.HasFlag(AngleSharp.Dom.NodeFlags.MathMember);

    void EnterInline(DomElement element)
    {
        if (IsHidden(element))
        {
            return;
        }

        var isLink = element.Tag == HtmlTag.A && element["href"] is not null;
        if (isLink || element.Tag is HtmlTag.Code or HtmlTag.Strong or HtmlTag.B or HtmlTag.Em or HtmlTag.I or HtmlTag.Kbd or HtmlTag.Samp
            or HtmlTag.Del or HtmlTag.Sup or HtmlTag.Sub)
        {
            if (_text.WrittenCount > _start)
            {
                // The space before it belongs before its mark.
                WritePendingSpace();
            }

            _marks.Add(new InlineMark(_text.WrittenCount, element, IsEnd: false));
            _openInline.Add(element);
        }

        _links += isLink ? 1 : 0;
        _bold += element.Tag is HtmlTag.Strong or HtmlTag.B ? 1 : 0;
        if (_text.WrittenCount > _start || element.Length > 0)
        {
            _inlineHints |= ReadHints(element);
        }

        _frames.Push(new Frame(element, 0, IsInline: true));
    }

    void Leave(Frame frame)
    {
        var element = frame.Element;
        if (!frame.IsInline)
        {
            Flush();
            _preformatted -= element.Tag == HtmlTag.Pre ? 1 : 0;
            _current = _current.Parent ?? _current;
            return;
        }

        if (_openInline.Count > 0 && _openInline[^1] == element)
        {
            _openInline.RemoveAt(_openInline.Count - 1);
            _marks.Add(new InlineMark(_text.WrittenCount, element, IsEnd: true));
        }

        _links -= element.Tag == HtmlTag.A && element["href"] is not null ? 1 : 0;
        _bold -= element.Tag is HtmlTag.Strong or HtmlTag.B ? 1 : 0;
    }

    PageElement CreateElement(DomElement element)
    {
        var parent = _elements.Count == 0 ? null : _current;
        var hints = ReadHints(element);
        var created = new PageElement(element, parent, hints)
        {
            IsHidden = parent is { IsHidden: true } || IsHidden(element),
            Role = element.Text("role"),
            ItemProperty = element.Text("itemprop"),
            Signature = Sign(element, parent),
        };
        _elements.Add(created);
        return created;
    }

    static int Sign(DomElement element, PageElement? parent)
    {
        // FNV-1a over tag and first class, with those of the two elements above shifted in; not of the language's hashes, which differ
        // from process to process.
        var hash = unchecked(((int)2166136261 ^ (int)element.Tag) * 16777619);
        if (element["class"] is { } names)
        {
            foreach (var c in names.Span)
            {
                if (c == ' ')
                {
                    break;
                }

                hash = unchecked((hash ^ c) * 16777619);
            }
        }

        return unchecked(hash ^ (int)(((uint)(parent?.Signature ?? 0) << 7) ^ ((uint)(parent?.Parent?.Signature ?? 0) << 13)));
    }

    ElementHints ReadHints(DomElement element)
    {
        var hints = element["class"] is { } names ? _vocabulary.Read(names.Span) : ElementHints.None;
        return element["id"] is { } id ? hints | _vocabulary.Read(id.Span) : hints;
    }

    static bool IsHidden(DomElement element)
    {
        if (element["hidden"] is not null || element["aria-hidden"] is { Span: "true" })
        {
            return true;
        }

        if (element["style"] is not { Length: > 0 } style)
        {
            return false;
        }

        var text = style.Span;
        return FindValue(text, "display") is { } display && display.Span.StartsWith("none", StringComparison.OrdinalIgnoreCase)
            || FindValue(text, "visibility") is { } visibility && visibility.Span.StartsWith("hidden", StringComparison.OrdinalIgnoreCase);

        ReadOnlyMemory<char>? FindValue(ReadOnlySpan<char> all, string property)
        {
            var at = all.IndexOf(property, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
            {
                return null;
            }

            var colon = all[at..].IndexOf(':');
            return colon < 0 ? null : style[(at + colon + 1)..].TrimStart();
        }
    }

    void Append(ReadOnlySpan<char> text)
    {
        if (_preformatted > 0)
        {
            AppendRaw(text);
            return;
        }

        while (text.Length > 0)
        {
            var end = text.IndexOfAny(s_irregular);
            if (end != 0)
            {
                var run = end < 0 ? text : text[..end];
                WriteRun(run);
                text = text[run.Length..];
                continue;
            }

            // Soft hyphens and characters without width are no white space and no text.
            _isSpacePending |= text[0] is not ('\u00AD' or '\u200B' or '\u200C' or '\u200E' or '\u200F' or '\u2060' or '\uFEFF' or '\0');
            text = text[1..];
        }
    }

    void WriteRun(ReadOnlySpan<char> run)
    {
        if (_text.WrittenCount == _start)
        {
            Begin();
        }
        else if (_lineBreaks > 0)
        {
            if (_lineBreaks > 1)
            {
                // An empty line: pages of old separate their paragraphs so.
                Flush();
                Begin();
            }
            else
            {
                Write("\n");
            }

            (_lineBreaks, _isSpacePending) = (0, false);
        }
        else
        {
            WritePendingSpace();
        }

        Write(run);
    }

    void WritePendingSpace()
    {
        if (_isSpacePending && _lineBreaks == 0)
        {
            Write(" ");
        }

        _isSpacePending = false;
    }

    void Begin()
    {
        (_beganInLink, _isSpacePending, _lineBreaks) = (_links > 0, false, 0);
        // What was opened in an earlier block goes on in this one.
        for (var i = _openInline.Count - 1; i >= 0; i--)
        {
            if (!IsOpenedSince(_firstMark, _openInline[i]))
            {
                _marks.Insert(_firstMark, new InlineMark(_start, _openInline[i], IsEnd: false));
            }
        }
    }

    bool IsOpenedSince(int mark, DomElement element)
    {
        for (; mark < _marks.Count; mark++)
        {
            if (!_marks[mark].IsEnd && _marks[mark].Element == element)
            {
                return true;
            }
        }

        return false;
    }

    void AppendRaw(ReadOnlySpan<char> text)
    {
        if (_text.WrittenCount == _start)
        {
            // The first line end of a pre element is not part of it.
            text = text.StartsWith("\r\n") ? text[2..] : text.StartsWith("\n") ? text[1..] : text;
            if (text.IsWhiteSpace())
            {
                return;
            }

            Begin();
        }

        if (_lineBreaks > 0)
        {
            Write(new string('\n', _lineBreaks));
            _lineBreaks = 0;
        }

        Write(text);
    }

    void Write(ReadOnlySpan<char> text)
    {
        _text.Write(text);
        _linkCharacters += _links > 0 ? text.Length : 0;
        _boldCharacters += _bold > 0 ? text.Length : 0;
    }

    void Break()
    {
        if (_text.WrittenCount > _start)
        {
            _lineBreaks++;
        }
    }

    void Flush()
    {
        var length = _text.WrittenCount - _start;
        if (length > 0)
        {
            // What is open goes on in the next block, and ends here for this one.
            for (var i = _openInline.Count - 1; i >= 0; i--)
            {
                _marks.Add(new InlineMark(_text.WrittenCount, _openInline[i], IsEnd: true));
            }

            var block = new TextBlock(_blocks.Count, _current, _start, length)
            {
                IsPreformatted = _preformatted > 0,
                Marks = _firstMark.._marks.Count,
                InlineHints = _inlineHints,
                LinkCharacters = _linkCharacters,
                BoldCharacters = _boldCharacters,
                IsInLink = _beganInLink,
                Statistics = TextStatistics.Count(_text.WrittenSpan[_start..]),
            };
            _blocks.Add(block);
            AddToElements(block);
        }
        else if (_marks.Count > _firstMark)
        {
            // Links around nothing, such as icons.
            _marks.RemoveRange(_firstMark, _marks.Count - _firstMark);
        }

        (_start, _firstMark) = (_text.WrittenCount, _marks.Count);
        (_lineBreaks, _isSpacePending, _linkCharacters, _boldCharacters) = (0, false, 0, 0);
        _inlineHints = ElementHints.None;
        foreach (var element in _openInline)
        {
            _inlineHints |= ReadHints(element);
        }
    }

    static void AddToElements(TextBlock block)
    {
        var isParagraph = block.IsParagraph;
        var isNew = block.Element.Blocks == 0;
        var level = 0;
        for (var element = block.Element; element is not null; element = element.Parent, level++)
        {
            element.Blocks++;
            element.Words += block.Words;
            element.Characters += block.Length;
            element.LinkCharacters += block.LinkCharacters;
            if (isParagraph)
            {
                element.ParagraphWords += block.Words;
                element.Score += level == 1 ? block.Words : level == 2 ? block.Words / 2f : level == 0 ? block.Words / 4f : 0;
            }

            if (isNew && element.Parent is { } parent)
            {
                parent.Children++;
                isNew = parent.Blocks == 0;
            }
        }
    }

    readonly record struct Frame(DomElement Element, int Next, bool IsInline);
}
