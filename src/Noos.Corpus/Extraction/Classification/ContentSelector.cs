using Noos.Corpus.Extraction.Blocks;
using Noos.Corpus.Extraction.Dom;

namespace Noos.Corpus.Extraction.Classification;

/// <summary>From probabilities to a choice of blocks that makes sense as a whole.</summary>
static class ContentSelector
{
    const int FewWords = 25;
    const int LongBlock = 8;

    /// <summary>The blocks that are content, in order; without the title.</summary>
    public static IReadOnlyList<TextBlock> Select(PageText page, PageContext context, float[] probabilities, float threshold)
    {
        ArgumentNullException.ThrowIfNull(page);
        var kept = Keep(page, probabilities, threshold);
        if (kept.Sum(block => block.Words) < FewWords && probabilities.Length > 0)
        {
            // A page that is like none of those that were learned from has content, too: what is the most like it.
            kept = Keep(page, probabilities, Math.Min(threshold, Math.Max(0.08f, 0.5f * probabilities.Max())));
        }

        if (threshold > 0)
        {
            ArticleScope.Restrict(page, context, kept);
        }

        WholeTables(page, kept, probabilities);
        WithoutCopies(kept);
        return WithoutTitle(page, context, kept);
    }

    static List<TextBlock> Keep(PageText page, float[] probabilities, float threshold) =>
        [.. page.Blocks.Where(block => probabilities[block.Index] >= threshold)];

    /// <summary>Pages hold some of their text twice, once for small screens or behind a button: the first is enough.</summary>
    static void WithoutCopies(List<TextBlock> kept)
    {
        var seen = new HashSet<int>();
        kept.RemoveAll(block => block.Words >= LongBlock && !seen.Add(block.Statistics.Hash));
    }

    /// <summary>A table is content as a whole or not at all: rows without their numbers say nothing.</summary>
    static void WholeTables(PageText page, List<TextBlock> kept, float[] probabilities)
    {
        var tables = new Dictionary<PageElement, (int Kept, int All)>(ReferenceEqualityComparer.Instance);
        var isKept = new bool[probabilities.Length];
        foreach (var block in kept)
        {
            isKept[block.Index] = true;
        }

        foreach (var block in page.Blocks)
        {
            if (DataTable.Find(block.Element) is { } table)
            {
                var (some, all) = tables.GetValueOrDefault(table);
                tables[table] = (some + (isKept[block.Index] ? block.Words : 0), all + block.Words);
            }
        }

        if (tables.Count == 0)
        {
            return;
        }

        kept.Clear();
        foreach (var block in page.Blocks)
        {
            var table = DataTable.Find(block.Element);
            if (table is null ? isKept[block.Index] : 2 * tables[table].Kept > tables[table].All)
            {
                kept.Add(block);
            }
        }
    }

    /// <summary>The title is told apart, so it is not repeated as the first heading.</summary>
    static List<TextBlock> WithoutTitle(PageText page, PageContext context, List<TextBlock> kept)
    {
        for (var i = 0; i < Math.Min(3, kept.Count); i++)
        {
            if (kept[i].Tag is HtmlTag.H1 or HtmlTag.H2 && context.Title is { } title
                && page[kept[i]].Equals(title, StringComparison.OrdinalIgnoreCase))
            {
                kept.RemoveAt(i);
                break;
            }
        }

        return kept;
    }
}
