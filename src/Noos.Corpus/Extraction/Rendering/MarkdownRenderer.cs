using System.Globalization;
using System.Text;
using Noos.Corpus.Extraction.Blocks;
using Noos.Corpus.Extraction.Dom;

namespace Noos.Corpus.Extraction.Rendering;

/// <summary>Blocks as Markdown: headings, lists, quotes, code, tables, links. One instance renders one page.</summary>
sealed class MarkdownRenderer(PageText page, Uri? baseAddress, LinkStyle links)
{
    readonly StringBuilder _out = new();
    readonly List<PageLink> _links = [];
    readonly Dictionary<string, int> _linkNumbers = new(StringComparer.Ordinal);
    readonly List<PageElement> _items = [];
    readonly Dictionary<DomElement, int> _numbers = new(ReferenceEqualityComparer.Instance);

    /// <summary>The links of what was rendered.</summary>
    public IReadOnlyList<PageLink> Links => _links;

    public string Render(IReadOnlyList<TextBlock> blocks)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        for (var i = 0; i < blocks.Count;)
        {
            var block = blocks[i];
            if (DataTable.Find(block.Element) is { } table)
            {
                var end = i;
                while (end < blocks.Count && DataTable.Find(blocks[end].Element) == table)
                {
                    end++;
                }

                Separate(tight: false);
                _items.Clear();
                WriteTable(table, blocks.Skip(i).Take(end - i));
                i = end;
                continue;
            }

            WriteBlock(block, blocks, ref i);
        }

        return _out.ToString();
    }

    void WriteBlock(TextBlock block, IReadOnlyList<TextBlock> blocks, ref int index)
    {
        var (items, quotes, isCode) = Surroundings(block);
        var common = 0;
        while (common < Math.Min(items.Count, _items.Count) && items[common] == _items[common])
        {
            common++;
        }

        var isNewItem = common < items.Count;
        Separate(tight: isNewItem && _items.Count > 0);
        var indent = new StringBuilder();
        var first = new StringBuilder();
        for (var i = 0; i < quotes; i++)
        {
            indent.Append("> ");
            first.Append("> ");
        }

        for (var i = 0; i < items.Count; i++)
        {
            var marker = Marker(items[i]);
            first.Append(i < common ? new string(' ', marker.Length) : marker);
            indent.Append(' ', marker.Length);
        }

        _items.Clear();
        _items.AddRange(items);
        if (isCode)
        {
            WriteCode(block, blocks, ref index, first.ToString(), indent.ToString());
            return;
        }

        index++;
        var text = Inline(block);
        if (TagTable.IsHeading(block.Tag))
        {
            text = $"{new string('#', block.Tag - HtmlTag.H1 + 1)} {text.Replace('\n', ' ')}";
        }
        else if (block.Tag == HtmlTag.Dt)
        {
            text = $"**{text.Replace('\n', ' ')}**";
        }

        WriteLines(text, first.ToString(), indent.ToString());
    }

    /// <summary>The items that a block stands in, the outermost first; how many quotes; whether it is code.</summary>
    static (List<PageElement> Items, int Quotes, bool IsCode) Surroundings(TextBlock block)
    {
        var items = new List<PageElement>();
        var quotes = 0;
        for (var element = block.Element; element is not null; element = element.Parent)
        {
            if (element.Tag == HtmlTag.Li)
            {
                items.Insert(0, element);
            }

            quotes += element.Tag == HtmlTag.Blockquote ? 1 : 0;
        }

        // Deeper nesting is a tree of menus, not a text.
        return (items.Count > 6 ? items[^6..] : items, Math.Min(quotes, 3), block.IsPreformatted);
    }

    string Marker(PageElement item)
    {
        if (item.Parent is not { Tag: HtmlTag.Ol } list)
        {
            return "- ";
        }

        if (!_numbers.TryGetValue(item.Element, out var number))
        {
            number = int.TryParse(list.Element.Text("start"), CultureInfo.InvariantCulture, out var start) ? start : 1;
            foreach (var node in list.Element.Nodes)
            {
                if (node is DomElement { Tag: HtmlTag.Li } sibling)
                {
                    _numbers[sibling] = number++;
                }
            }

            number = _numbers.GetValueOrDefault(item.Element, 1);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{number}. ");
    }

    void WriteCode(TextBlock block, IReadOnlyList<TextBlock> blocks, ref int index, string first, string indent)
    {
        var pre = block.Element;
        while (pre.Tag != HtmlTag.Pre && pre.Parent is { } parent)
        {
            pre = parent;
        }

        // Lines of code that are elements of their own belong to one listing.
        var code = new StringBuilder();
        while (index < blocks.Count && blocks[index].IsPreformatted && IsWithin(blocks[index].Element, pre))
        {
            code.Append(code.Length > 0 ? "\n" : "").Append(page[blocks[index]].TrimEnd("\r\n "));
            index++;
        }

        var text = code.ToString().ReplaceLineEndings("\n");
        var fence = "```";
        while (text.Contains(fence, StringComparison.Ordinal))
        {
            fence += "`";
        }

        WriteLines($"{fence}{CodeLanguage(pre)}\n{text}\n{fence}", first, indent);
    }

    static bool IsWithin(PageElement element, PageElement ancestor)
    {
        for (var one = element; one is not null && one.Depth >= ancestor.Depth; one = one.Parent)
        {
            if (one == ancestor)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The language that the classes of a listing name: <c>language-python</c>, <c>highlight-source-cs</c>.</summary>
    static string CodeLanguage(PageElement pre)
    {
        var candidates = new List<DomElement> { pre.Element };
        candidates.AddRange(pre.Element.Nodes.ToArray().OfType<DomElement>().Take(1));
        for (var (element, level) = (pre.Parent, 0); element is not null && level < 2; element = element.Parent, level++)
        {
            candidates.Add(element.Element);
        }

        foreach (var element in candidates)
        {
            if ((element.Text("data-lang") ?? element.Text("data-language")) is { Length: > 0 and < 20 } named && named.All(IsNamePart))
            {
                return named.ToLowerInvariant();
            }

            foreach (var name in (element.Text("class") ?? "").Split(' '))
            {
                foreach (var prefix in (ReadOnlySpan<string>)["language-", "lang-", "highlight-source-", "brush:"])
                {
                    if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && name.Length > prefix.Length
                        && name.Length < 30 && name.AsSpan(prefix.Length).ToString().All(IsNamePart))
                    {
                        return name[prefix.Length..].ToLowerInvariant();
                    }
                }
            }
        }

        return "";

        static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '+' or '#' or '-' or '_';
    }

    void WriteTable(PageElement table, IEnumerable<TextBlock> blocks)
    {
        var cells = new Dictionary<DomElement, StringBuilder>(ReferenceEqualityComparer.Instance);
        foreach (var block in blocks)
        {
            var cell = block.Element;
            while (cell.Tag is not (HtmlTag.Td or HtmlTag.Th or HtmlTag.Table) && cell.Parent is { } parent)
            {
                cell = parent;
            }

            if (cell.Tag == HtmlTag.Table)
            {
                // A caption, or text that is misplaced.
                WriteLines(Inline(block), "", "");
                Separate(tight: false);
                continue;
            }

            if (!cells.TryGetValue(cell.Element, out var text))
            {
                cells[cell.Element] = text = new StringBuilder();
            }

            text.Append(text.Length > 0 ? " " : "").Append(Inline(block).Replace('\n', ' ').Replace("|", "\\|"));
        }

        List<List<string>> rows =
        [
            .. DataTable.Rows(table.Element).Select(row => Cells(row, cells)).Where(row => row.Exists(cell => cell != "")),
        ];
        if (rows.Count == 0)
        {
            return;
        }

        var width = rows.Max(row => row.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            rows[i].AddRange(Enumerable.Repeat("", width - rows[i].Count));
            _out.Append("| ").AppendJoin(" | ", rows[i]).Append(" |\n");
            if (i == 0)
            {
                _out.Append('|').Insert(_out.Length, " --- |", width).Append('\n');
            }
        }

        _out.Length--;
    }

    static List<string> Cells(DomElement row, Dictionary<DomElement, StringBuilder> texts)
    {
        const int maxColumns = 60;
        var cells = new List<string>();
        foreach (var node in row.Nodes)
        {
            if (node is not DomElement { Tag: HtmlTag.Td or HtmlTag.Th } cell)
            {
                continue;
            }

            cells.Add(texts.TryGetValue(cell, out var text) ? text.ToString() : "");
            for (var span = int.TryParse(cell.Text("colspan"), CultureInfo.InvariantCulture, out var columns) ? columns : 1;
                span > 1 && cells.Count < maxColumns; span--)
            {
                cells.Add("");
            }
        }

        return cells.Count > maxColumns ? cells[..maxColumns] : cells;
    }

    /// <summary>The text of a block with its links and code.</summary>
    string Inline(TextBlock block)
    {
        var text = new StringBuilder();
        var position = block.Start;
        var open = new Stack<(DomElement Element, int Start)>();
        var isCode = 0;
        var (from, count) = block.Marks.GetOffsetAndLength(page.Marks.Count);
        for (var i = from; i < from + count; i++)
        {
            var mark = page.Marks[i];
            if (mark.Position > position)
            {
                text.Append(page.Text.Span[position..mark.Position]);
                position = mark.Position;
            }

            if (!mark.IsEnd)
            {
                open.Push((mark.Element, text.Length));
                isCode += IsCode(mark.Element) ? 1 : 0;
            }
            else if (open.Count > 0 && open.Peek().Element == mark.Element)
            {
                var (element, start) = open.Pop();
                isCode -= IsCode(element) ? 1 : 0;
                Close(text, element, start, isCode > 0);
            }
        }

        text.Append(page.Text.Span[position..(block.Start + block.Length)]);
        return text.ToString();
    }

    static bool IsCode(DomElement element) => element.Tag is HtmlTag.Code or HtmlTag.Kbd or HtmlTag.Samp;

    void Close(StringBuilder text, DomElement element, int start, bool isWithinCode)
    {
        var length = text.Length - start;
        if (length == 0 || isWithinCode)
        {
            return;
        }

        switch (element.Tag)
        {
            case HtmlTag.Code or HtmlTag.Kbd or HtmlTag.Samp:
                var quote = Contains(text, start, '`') ? "``" : "`";
                text.Insert(start, quote).Append(quote);
                break;
            case HtmlTag.Sup when length < 8 && char.IsAsciiDigit(text[start]) && start > 0 && char.IsLetterOrDigit(text[start - 1]):
                // 10 to the 6th must not become 106.
                text.Insert(start, '^');
                break;
            case HtmlTag.A when links != LinkStyle.None && Address(element) is { } address:
                CloseLink(text, start, address);
                break;
        }
    }

    void CloseLink(StringBuilder text, int start, Uri address)
    {
        var key = address.AbsoluteUri;
        var label = text.ToString(start, text.Length - start).Replace('\n', ' ');
        if (!_linkNumbers.TryGetValue(key, out var number))
        {
            _links.Add(new PageLink(label, address));
            _linkNumbers[key] = number = _links.Count;
        }

        if (links == LinkStyle.Numbered)
        {
            text.Append(CultureInfo.InvariantCulture, $" [{number}]");
        }
        else
        {
            text.Length = start;
            text.Append(CultureInfo.InvariantCulture,
                $"[{label.Replace("[", "\\[").Replace("]", "\\]")}]({key.Replace("(", "%28").Replace(")", "%29")})");
        }
    }

    Uri? Address(DomElement link)
    {
        var text = link.Text("href")?.Trim();
        return text is { Length: > 0 and < 2000 } && !text.StartsWith('#') && Uri.TryCreate(baseAddress, text, out var address)
            && address.IsAbsoluteUri && address.Scheme is "http" or "https" ? address : null;
    }

    static bool Contains(StringBuilder text, int start, char c)
    {
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] == c)
            {
                return true;
            }
        }

        return false;
    }

    void WriteLines(string text, string first, string indent)
    {
        var isFirst = true;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            _out.Append(isFirst ? first : indent).Append(line).Append('\n');
            isFirst = false;
        }

        _out.Length--;
    }

    void Separate(bool tight)
    {
        if (_out.Length > 0)
        {
            _out.Append(tight ? "\n" : "\n\n");
        }
    }
}
