using Noos.Corpus.Extraction.Dom;

namespace Noos.Corpus.Extraction.Blocks;

/// <summary>Tells tables of data from tables that only place things on a page, which were once half of the web.</summary>
static class DataTable
{
    const int MaxCellWords = 60;

    /// <summary>The table of data that an element belongs to; null for none.</summary>
    public static PageElement? Find(PageElement? element)
    {
        for (; element is not null; element = element.Parent)
        {
            if (element.Tag == HtmlTag.Table)
            {
                return (element.IsDataTable ??= IsData(element)) ? element : null;
            }
        }

        return null;
    }

    static bool IsData(PageElement table)
    {
        if (table.Role is "presentation" or "none" || table.Blocks < 4 || table.Words > MaxCellWords * table.Blocks)
        {
            return false;
        }

        var (rows, wide) = (0, 0);
        foreach (var row in Rows(table.Element))
        {
            rows++;
            var cells = 0;
            foreach (var node in row.Nodes)
            {
                cells += node is DomElement { Tag: HtmlTag.Td or HtmlTag.Th } ? 1 : 0;
            }

            wide += cells >= 2 ? 1 : 0;
        }

        return rows >= 2 && 2 * wide > rows && !HasNestedTable(table.Element);
    }

    /// <summary>The rows of a table, those of its head and foot included.</summary>
    public static IEnumerable<DomElement> Rows(DomElement table)
    {
        foreach (var node in table.Nodes.ToArray())
        {
            if (node is DomElement { Tag: HtmlTag.Tr } row)
            {
                yield return row;
            }
            else if (node is DomElement { Tag: HtmlTag.Thead or HtmlTag.Tbody or HtmlTag.Tfoot } section)
            {
                foreach (var inner in section.Nodes.ToArray())
                {
                    if (inner is DomElement { Tag: HtmlTag.Tr } innerRow)
                    {
                        yield return innerRow;
                    }
                }
            }
        }
    }

    static bool HasNestedTable(DomElement table)
    {
        var open = new Stack<DomElement>();
        open.Push(table);
        while (open.TryPop(out var element))
        {
            foreach (var node in element.Nodes)
            {
                if (node is DomElement { Tag: HtmlTag.Table })
                {
                    return true;
                }

                if (node is DomElement inner && !TagTable.IsInline(inner.Tag))
                {
                    open.Push(inner);
                }
            }
        }

        return false;
    }
}
