using Noos.Corpus.Extraction.Blocks;
using Noos.Corpus.Extraction.Dom;

namespace Noos.Corpus.Extraction.Classification;

/// <summary>
/// Keeps to the one article that a page is about. The classifier tells content from frame; what readers say below an article, and the
/// further articles that a page loads behind it, are content, too, but not of this page. What the page itself says of its article (the
/// articleBody of schema.org) goes before what is guessed.
/// </summary>
static class ArticleScope
{
    // A shorter text may be a teaser.
    const int MinBodyWords = 60;
    const int MinArticleWords = 60;
    const int MinSecondArticleWords = 100;
    const int Run = 3;
    const float MaxMinorShare = 0.15f;

    /// <summary>Removes what is of another article, or said about this one.</summary>
    public static void Restrict(PageText page, PageContext context, List<TextBlock> kept)
    {
        ArgumentNullException.ThrowIfNull(context);
        if ((context.Kinds & (PageKinds.Forum | PageKinds.Questions)) != PageKinds.None || context.IsForumAddress)
        {
            return;
        }

        var title = FindTitle(page, context);
        if (context.IsArticle && !KeepToBody(page, context, kept))
        {
            KeepToProperty(kept);
            RemoveComments(kept, title);
        }

        RemoveFurtherArticles(title, kept);
        if (context.IsArticle)
        {
            RemovePointers(page, kept);
            RemoveMinor(kept, static block => IsProse(block) && block.LinkDensity >= 0.9f);
            RemoveMinor(kept, static block => HasAbove(
                block.Element, static element => element.Tag is HtmlTag.Figcaption or HtmlTag.Figure));
        }
    }

    /// <summary>
    /// What leads to other articles: a line that says so, and behind one that says nothing else the headlines that it stands above.
    /// </summary>
    static void RemovePointers(PageText page, List<TextBlock> kept)
    {
        const int MaxPointerWords = 25;
        const int MaxHeadlines = 8;
        const int MaxHeadlineWords = 20;
        var pointers = new HashSet<TextBlock>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < kept.Count; i++)
        {
            var text = page[kept[i]];
            if (kept[i].Words > MaxPointerWords || !PointerPhrases.Begin(text, out var isAll)
                || (!isAll && kept[i].LinkDensity < 0.3f && !text.TrimEnd().EndsWith(":", StringComparison.Ordinal)))
            {
                continue;
            }

            pointers.Add(kept[i]);
            for (var next = i + 1; isAll && next < kept.Count && next <= i + MaxHeadlines && IsHeadline(kept[next]); next++)
            {
                pointers.Add(kept[next]);
            }
        }

        RemoveMinor(kept, pointers.Contains);

        static bool IsHeadline(TextBlock block) => block.Words <= MaxHeadlineWords
            && (block.LinkDensity >= 0.7f || (!block.Statistics.EndsSentence && !TagTable.IsHeading(block.Tag)));
    }

    /// <summary>
    /// Headlines of other articles, and captions, stand between the paragraphs; where they are much, they are the content.
    /// </summary>
    static void RemoveMinor(List<TextBlock> kept, Predicate<TextBlock> isMinor)
    {
        if (kept.FindAll(isMinor).Sum(block => block.Words) <= MaxMinorShare * kept.Sum(block => block.Words))
        {
            kept.RemoveAll(isMinor);
        }
    }

    static bool IsSentence(TextBlock block) => block.Words >= 8 && block.Statistics.EndsSentence;

    /// <summary>
    /// By the text that the page gives as its article. It may be the beginning only; then what stands beside that is of it, too.
    /// </summary>
    static bool KeepToBody(PageText page, PageContext context, List<TextBlock> kept)
    {
        if (context.ArticleBody is not { Length: > 6 * MinBodyWords } body)
        {
            return false;
        }

        var runs = new HashSet<int>();
        var bodyWords = AddRuns(body, runs, null);
        if (bodyWords < MinBodyWords)
        {
            return false;
        }

        var covered = new bool[page.Blocks.Count];
        var words = new Dictionary<PageElement, int>(ReferenceEqualityComparer.Instance);
        var all = 0;
        foreach (var block in kept)
        {
            var hits = 0;
            var count = AddRuns(page[block], runs, () => hits++) - Run + 1;
            if (count < 1 || hits < 0.6 * count)
            {
                continue;
            }

            covered[block.Index] = true;
            all += block.Words;
            for (var element = block.Element; element is not null; element = element.Parent)
            {
                words[element] = words.GetValueOrDefault(element) + block.Words;
            }
        }

        if (all < 0.6 * bodyWords)
        {
            // Scripts would have to show it, or it is of something else.
            return false;
        }

        var scope = words.Where(pair => pair.Value >= 0.95 * all).MaxBy(pair => pair.Key.Depth).Key;
        var inside = kept.FindAll(block => IsWithin(block.Element, scope));
        if (!EndsSentence(body) && inside.Sum(block => block.Words) < 0.5 * kept.Sum(block => block.Words))
        {
            // Cut off: what it does not reach is of the article, too.
            return false;
        }

        RemoveAfter(kept, inside);
        if (all >= 0.7 * kept.Sum(block => block.Words))
        {
            // It is the whole article: pictures, boxes and hints at other articles that stand between its paragraphs are not in it.
            var first = Array.IndexOf(covered, true);
            // A lead may stand before it, which is a sentence.
            kept.RemoveAll(block => !covered[block.Index] && IsProse(block) && (block.Index > first || !IsSentence(block)));
        }

        return true;
    }

    /// <summary>By the elements that are marked as the article's body.</summary>
    static void KeepToProperty(List<TextBlock> kept)
    {
        var inside = kept.FindAll(block => HasAbove(block.Element, static element => element.ItemProperty == "articleBody"));
        if (inside.Sum(block => block.Words) >= MinArticleWords)
        {
            RemoveAfter(kept, inside);
        }
    }

    /// <summary>Comments stand behind the article, and in nothing that its title stands in.</summary>
    static void RemoveComments(List<TextBlock> kept, TextBlock? title)
    {
        var first = kept.FindIndex(IsComment);
        if (first > 0 && kept.Take(first).Sum(block => block.Words) >= MinArticleWords)
        {
            kept.RemoveAll(IsComment);
        }

        bool IsComment(TextBlock block) => HasAbove(
            block.Element, element => element.Hints.HasFlag(ElementHints.Comment) && (title is null || !IsWithin(title.Element, element)));
    }

    /// <summary>What stands before an article may lead to it; what stands behind it is something else.</summary>
    static void RemoveAfter(List<TextBlock> kept, List<TextBlock> article)
    {
        var last = article[^1].Index;
        kept.RemoveAll(block => block.Index > last);
    }

    /// <summary>Where the title stands in an article element, those beside it are others.</summary>
    static void RemoveFurtherArticles(TextBlock? title, List<TextBlock> kept)
    {
        var main = title?.Element;
        while (main is not null && main.Tag != HtmlTag.Article)
        {
            main = main.Parent;
        }

        if (main is null || kept.Where(block => IsWithin(block.Element, main)).Sum(block => block.Words) < MinSecondArticleWords)
        {
            return;
        }

        kept.RemoveAll(
            block => !IsWithin(block.Element, main) && HasAbove(block.Element, static element => element.Tag == HtmlTag.Article));
    }

    static TextBlock? FindTitle(PageText page, PageContext context) => context.Title is { Length: > 0 } title
        ? page.Blocks.FirstOrDefault(block => block.Tag is HtmlTag.H1 or HtmlTag.H2 && IsLike(page[block], title))
        : null;

    // Quotation marks may follow the end.
    static bool EndsSentence(string text) =>
        text.AsSpan().TrimEnd(" \t\r\n\u00A0\"'\u201D\u2019\u00BB)]") is [.., '.' or '!' or '?' or '\u3002'] and not [.., '.', '.'];

    static bool IsLike(ReadOnlySpan<char> text, string title) =>
        text.Equals(title, StringComparison.OrdinalIgnoreCase)
        || (text.Length > 10 && title.AsSpan().Contains(text, StringComparison.OrdinalIgnoreCase));

    static bool IsProse(TextBlock block) =>
        !TagTable.IsHeading(block.Tag) && !block.IsPreformatted && DataTable.Find(block.Element) is null;

    static bool IsWithin(PageElement element, PageElement scope)
    {
        var one = element;
        while (one is not null && one != scope && one.Depth > scope.Depth)
        {
            one = one.Parent;
        }

        return one == scope;
    }

    static bool HasAbove(PageElement element, Func<PageElement, bool> isMeant)
    {
        // What stands about the whole page, on its body, says nothing of one block.
        for (var one = element; one is { Tag: not (HtmlTag.Body or HtmlTag.Html) }; one = one.Parent)
        {
            if (isMeant(one))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Goes over the runs of words of a text: adds them, or tells of those that are there.</summary>
    /// <returns>Its words.</returns>
    static int AddRuns(ReadOnlySpan<char> text, HashSet<int> runs, Action? onHit)
    {
        var (words, first, second, third) = (0, 0, 0, 0);
        for (var i = 0; i < text.Length;)
        {
            var hash = 0;
            var start = i;
            while (i < text.Length && char.IsLetterOrDigit(text[i]))
            {
                hash = unchecked((hash * 31) + char.ToLowerInvariant(text[i++]));
            }

            if (i == start)
            {
                i++;
                continue;
            }

            (first, second, third) = (second, third, hash);
            if (++words < Run)
            {
                continue;
            }

            var run = HashCode.Combine(first, second, third);
            if (onHit is null)
            {
                runs.Add(run);
            }
            else if (runs.Contains(run))
            {
                onHit();
            }
        }

        return words;
    }
}
