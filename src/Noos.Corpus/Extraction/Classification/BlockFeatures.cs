using System.Numerics;
using Noos.Corpus.Extraction.Blocks;
using Noos.Corpus.Extraction.Dom;

namespace Noos.Corpus.Extraction.Classification;

/// <summary>
/// A block of a page in numbers: its text, its place in the tree, what the names around it say, its neighbours, and the page as a whole.
/// Nothing in them depends on a language but the short lists of <see cref="TopicVocabulary"/>.
/// </summary>
sealed class BlockFeatures
{
    const int HintGroups = 27;
    const int MaxDistance = 7;

    /// <summary>Numbers of one block.</summary>
    public const int Count = 160;

    readonly PageText _page;
    readonly PageContext _context;
    readonly float[] _values;
    readonly Dictionary<int, Repetition> _signatures = [];
    readonly Dictionary<int, int> _copies = [];
    readonly PageElement? _candidate;
    readonly PageElement? _core;
    readonly int _titleBlock;
    readonly float[] _pageNumbers;
    int _next;

    BlockFeatures(PageText page, PageContext context)
    {
        (_page, _context) = (page, context);
        _values = new float[page.Blocks.Count * Count];
        foreach (var block in page.Blocks)
        {
            var repetition = _signatures.GetValueOrDefault(block.Element.Signature);
            _signatures[block.Element.Signature] = new Repetition(
                repetition.Blocks + 1, repetition.Words + block.Words, repetition.LinkCharacters + block.LinkCharacters,
                repetition.Characters + block.Length);
            _copies[block.Statistics.Hash] = _copies.GetValueOrDefault(block.Statistics.Hash) + 1;
        }

        (_candidate, _core) = FindContainers();
        _titleBlock = FindTitle();
        _pageNumbers = DescribePage();
    }

    /// <summary>The numbers of all blocks, <see cref="Count"/> for each.</summary>
    public static float[] Compute(PageText page, PageContext context)
    {
        var features = new BlockFeatures(page, context);
        foreach (var block in page.Blocks)
        {
            features._next = block.Index * Count;
            features.Describe(block);
            if (features._next > (block.Index + 1) * Count)
            {
                throw new InvalidOperationException("A block has more features than it has room for.");
            }
        }

        return features._values;
    }

    void Add(float value) => _values[_next++] = value;

    void Add(bool value) => _values[_next++] = value ? 1 : 0;

    void Describe(TextBlock block)
    {
        DescribeText(block);
        DescribePlace(block);
        DescribeHints(block);
        DescribeContainers(block);
        DescribeNeighbours(block);
        DescribePosition(block);
        foreach (var number in _pageNumbers)
        {
            Add(number);
        }
    }

    void DescribeText(TextBlock block)
    {
        var text = block.Statistics;
        var words = Math.Max(1, text.Words);
        var characters = Math.Max(1, block.Length);
        Add(text.Words);
        Add((float)block.Length / words);
        Add(block.LinkDensity);
        Add((float)text.Sentences / words);
        Add(text.Sentences);
        Add((float)text.Commas / words);
        Add((float)text.Digits / characters);
        Add((float)text.UpperCase / Math.Max(1, text.Letters));
        Add((float)text.CapitalizedWords / words);
        Add((float)text.Letters / characters);
        Add((float)text.Separators / words);
        Add((text.EndsSentence ? 1 : 0) + (text.BeginsUpperCase ? 2 : 0));
        Add(text.HasCopyright);
        Add((float)block.BoldCharacters / characters);
        Add(block.IsInLink);
        Add(_copies[text.Hash]);
        for (var topic = 0; topic < TopicCounts.Length; topic++)
        {
            Add((float)text.Topics[topic] / words);
        }
    }

    void DescribePlace(TextBlock block)
    {
        Add((int)Group(block.Tag));
        Add(block.Element.Depth);
        Add(block.IsPreformatted);
        Add(block.Element.IsHidden);
        Add((block.InlineHints & (ElementHints.Byline | ElementHints.User)) != ElementHints.None);
        Add((block.InlineHints & (ElementHints.Share | ElementHints.Action | ElementHints.Related)) != ElementHints.None);
        Add((block.InlineHints & (ElementHints.Tags | ElementHints.Comment)) != ElementHints.None);
        Add((block.InlineHints & (ElementHints.Product | ElementHints.Hidden)) != ElementHints.None);

        // Distances to what the tags themselves say; all in one walk upwards.
        var (article, main, nav, header, footer, aside) = (MaxDistance, MaxDistance, MaxDistance, MaxDistance, MaxDistance, MaxDistance);
        var (form, list, table, quote, figure, section) = (MaxDistance, MaxDistance, MaxDistance, MaxDistance, MaxDistance, MaxDistance);
        var (button, details, body, lists, dialog) = (MaxDistance, MaxDistance, MaxDistance, 0, MaxDistance);
        var distance = 0;
        for (var element = block.Element; element is not null; element = element.Parent)
        {
            var near = Math.Min(distance, MaxDistance - 1);
            switch (element.Tag)
            {
                case HtmlTag.Article:
                    article = Math.Min(article, near);
                    break;
                case HtmlTag.Main:
                    main = Math.Min(main, near);
                    break;
                case HtmlTag.Nav:
                    nav = Math.Min(nav, near);
                    break;
                case HtmlTag.Header:
                    header = Math.Min(header, near);
                    break;
                case HtmlTag.Footer:
                    footer = Math.Min(footer, near);
                    break;
                case HtmlTag.Aside:
                    aside = Math.Min(aside, near);
                    break;
                case HtmlTag.Form or HtmlTag.Fieldset:
                    form = Math.Min(form, near);
                    break;
                case HtmlTag.Ul or HtmlTag.Ol or HtmlTag.Menu:
                    list = Math.Min(list, near);
                    lists++;
                    break;
                case HtmlTag.Table:
                    table = Math.Min(table, near);
                    break;
                case HtmlTag.Blockquote:
                    quote = Math.Min(quote, near);
                    break;
                case HtmlTag.Figure or HtmlTag.Picture:
                    figure = Math.Min(figure, near);
                    break;
                case HtmlTag.Section:
                    section = Math.Min(section, near);
                    break;
                case HtmlTag.Button or HtmlTag.Summary:
                    button = Math.Min(button, near);
                    break;
                case HtmlTag.Details or HtmlTag.Dl:
                    details = Math.Min(details, near);
                    break;
                case HtmlTag.Dialog:
                    dialog = Math.Min(dialog, near);
                    break;
            }

            switch (element.Role)
            {
                case "main":
                    main = Math.Min(main, near);
                    break;
                case "article":
                    article = Math.Min(article, near);
                    break;
                case "navigation" or "menu" or "menubar" or "tablist":
                    nav = Math.Min(nav, near);
                    break;
                case "contentinfo":
                    footer = Math.Min(footer, near);
                    break;
                case "banner":
                    header = Math.Min(header, near);
                    break;
                case "complementary":
                    aside = Math.Min(aside, near);
                    break;
                case "dialog" or "alertdialog" or "alert":
                    dialog = Math.Min(dialog, near);
                    break;
                case "search" or "form":
                    form = Math.Min(form, near);
                    break;
            }

            if (element.ItemProperty is "articleBody" or "text" or "description" or "reviewBody" or "recipeInstructions" or "mainEntity")
            {
                body = Math.Min(body, near);
            }

            distance++;
        }

        ReadOnlySpan<int> distances =
            [article, main, nav, header, footer, aside, form, list, table, quote, figure, section, button, details, body, lists, dialog];
        foreach (var one in distances)
        {
            Add(one);
        }
    }

    void DescribeHints(TextBlock block)
    {
        var distances = _values.AsSpan(_next, HintGroups);
        distances.Fill(MaxDistance);
        var distance = 0;
        for (var element = block.Element; element is not null; element = element.Parent, distance++)
        {
            // What stands about the whole page, on its body or near it, says nothing of one block.
            if (element.Tag is HtmlTag.Body or HtmlTag.Html)
            {
                break;
            }

            for (var hints = (uint)element.Hints; hints != 0; hints &= hints - 1)
            {
                ref var nearest = ref distances[BitOperations.TrailingZeroCount(hints)];
                nearest = Math.Min(nearest, Math.Min(distance, MaxDistance - 1));
            }
        }

        _next += HintGroups;
    }

    void DescribeContainers(TextBlock block)
    {
        var page = _page.Elements[0];
        var element = block.Element;
        for (var level = 0; level < 5; level++)
        {
            Add(element.Words);
            Add(element.LinkDensity);
            Add((float)element.Words / element.Blocks);
            Add((float)element.ParagraphWords / Math.Max(1, element.Words));
            Add(element.Children);
            element = element.Parent ?? element;
        }

        Add(Distance(block.Element, _candidate));
        Add(Distance(block.Element, _core));
        Add((float)(_candidate?.Words ?? 0) / Math.Max(1, page.Words));
        var repetition = _signatures[block.Element.Signature];
        Add(repetition.Blocks);
        Add((float)repetition.Words / repetition.Blocks);
        Add((float)repetition.LinkCharacters / Math.Max(1, repetition.Characters));
        Add((float)repetition.Words / Math.Max(1, page.Words));
    }

    void DescribeNeighbours(TextBlock block)
    {
        for (var offset = -3; offset <= 3; offset++)
        {
            if (offset == 0)
            {
                continue;
            }

            var other = At(block.Index + offset);
            Add(other?.Words ?? -1);
            Add(other?.LinkDensity ?? -1);
            if (Math.Abs(offset) < 3)
            {
                Add(other is null ? -1 : (int)Group(other.Tag));
                Add(other is null ? -1 : other.Element == block.Element ? 2 : other.Element.Parent == block.Element.Parent ? 1 : 0);
            }
        }

        // The heading that it stands under, and what that heading talks of.
        TextBlock? heading = null;
        for (var i = block.Index - 1; i >= 0 && i > block.Index - 60 && heading is null; i--)
        {
            heading = TagTable.IsHeading(_page.Blocks[i].Tag) ? _page.Blocks[i] : null;
        }

        Add(heading is null ? 60 : block.Index - heading.Index);
        Add(heading is null ? 0 : heading.Tag - HtmlTag.H1 + 1);
        ReadOnlySpan<Topic> topics = [Topic.Share, Topic.Comment, Topic.Subscribe, Topic.Related, Topic.Tags];
        foreach (var topic in topics)
        {
            Add(heading is null ? 0 : (float)heading.Statistics.Topics[(int)topic] / Math.Max(1, heading.Words));
        }
    }

    void DescribePosition(TextBlock block)
    {
        var page = _page.Elements[0];
        Add((float)block.Index / _page.Blocks.Count);
        Add((float)block.Start / Math.Max(1, _page.Text.Length));
        Add(block.Index);
        Add(_page.Blocks.Count - block.Index);
        Add(_titleBlock < 0 ? -100 : Math.Clamp(block.Index - _titleBlock, -50, 50));
        var similarity = TitleSimilarity(block);
        Add(similarity);
        Add((float)page.ParagraphWords / Math.Max(1, page.Words));
    }

    float[] DescribePage()
    {
        var page = _page.Elements.Count > 0 ? _page.Elements[0] : null;
        var (articles, headings, comments, paragraphs, forum, hasMain, hasBody) = (0, 0, 0, 0, 0, false, false);
        foreach (var element in _page.Elements)
        {
            articles += element.Tag == HtmlTag.Article ? 1 : 0;
            comments += element.Hints.HasFlag(ElementHints.Comment) ? 1 : 0;
            forum += element.Hints.HasFlag(ElementHints.Forum) ? 1 : 0;
            hasMain |= element.Tag == HtmlTag.Main || element.Role == "main";
            hasBody |= element.ItemProperty == "articleBody";
        }

        var longest = 0;
        foreach (var block in _page.Blocks)
        {
            headings += TagTable.IsHeading(block.Tag) ? 1 : 0;
            paragraphs += block.IsParagraph ? 1 : 0;
            longest = Math.Max(longest, block.IsParagraph ? block.Words : 0);
        }

        var path = _context.Address?.AbsolutePath.Trim('/') ?? "";
        var lastSegment = path[(path.LastIndexOf('/') + 1)..];
        return
        [
            page?.Words ?? 0, page?.LinkDensity ?? 0, _page.Blocks.Count, articles, headings, comments, paragraphs, longest, forum,
            hasMain ? 1 : 0, hasBody ? 1 : 0, (float)_context.Kinds,
            _context.Address is null ? -1 : path.Length == 0 ? 0 : path.Count('/') + 1,
            lastSegment.Count('-') + lastSegment.Count('_'),
            PathKind(path),
        ];
    }

    static float PathKind(string path)
    {
        ReadOnlySpan<string> kinds =
        [
            "forum|thread|topic|question|/t/|community|showthread|viewtopic|discussion", "product|shop|store|/p/|item|/dp/",
            "categor|collection|catalog|/c/|tag/|browse", "docs|wiki|manual|reference|guide|tutorial|help|api", "blog|news|article|post|20",
        ];
        for (var kind = 0; kind < kinds.Length; kind++)
        {
            foreach (var part in kinds[kind].AsSpan().Split('|'))
            {
                if (path.AsSpan().Contains(kinds[kind].AsSpan()[part], StringComparison.OrdinalIgnoreCase))
                {
                    return kind + 1;
                }
            }
        }

        return 0;
    }

    /// <summary>The element with the most paragraphs directly in it, and the smallest that has most paragraphs of the page.</summary>
    (PageElement? Candidate, PageElement? Core) FindContainers()
    {
        PageElement? candidate = null, core = null;
        var all = _page.Elements.Count > 0 ? _page.Elements[0].ParagraphWords : 0;
        foreach (var element in _page.Elements)
        {
            if (element.Score * (1 - element.LinkDensity) > (candidate is null ? 0 : candidate.Score * (1 - candidate.LinkDensity)))
            {
                candidate = element;
            }

            if (element.ParagraphWords >= 0.6f * all && (core is null || element.Depth > core.Depth))
            {
                core = element;
            }
        }

        return (candidate, core);
    }

    int FindTitle()
    {
        var (best, bestSimilarity) = (-1, 0.5f);
        foreach (var block in _page.Blocks)
        {
            var similarity = TitleSimilarity(block) + (block.Tag == HtmlTag.H1 ? 0.3f : 0);
            if (similarity > bestSimilarity)
            {
                (best, bestSimilarity) = (block.Index, similarity);
            }
        }

        if (best >= 0)
        {
            return best;
        }

        var heading = _page.Blocks.FirstOrDefault(block => block.Tag == HtmlTag.H1);
        return heading?.Index ?? -1;
    }

    /// <summary>How much of the longer of title and block the other one is; 0 if neither begins with the other.</summary>
    float TitleSimilarity(TextBlock block)
    {
        if (_context.Title is not { Length: > 0 } title || block.Length > 4 * title.Length)
        {
            return 0;
        }

        var text = _page[block];
        var longer = text.Length > title.Length ? text : title;
        var shorter = text.Length > title.Length ? title : text;
        return longer.Contains(shorter, StringComparison.OrdinalIgnoreCase) ? (float)shorter.Length / longer.Length : 0;
    }

    TextBlock? At(int index) => index >= 0 && index < _page.Blocks.Count ? _page.Blocks[index] : null;

    /// <summary>Steps up from an element to another; the most for one that is not above it.</summary>
    static int Distance(PageElement from, PageElement? to)
    {
        if (to is null || from.Depth < to.Depth)
        {
            return 20;
        }

        var steps = 0;
        for (var element = from; element is not null && element.Depth >= to.Depth; element = element.Parent)
        {
            if (element == to)
            {
                return Math.Min(steps, 19);
            }

            steps++;
        }

        return 20;
    }

    static TagGroup Group(HtmlTag tag) => tag switch
    {
        HtmlTag.P => TagGroup.Paragraph,
        HtmlTag.H1 => TagGroup.Title,
        HtmlTag.H2 => TagGroup.Heading,
        HtmlTag.H3 => TagGroup.SmallHeading,
        HtmlTag.H4 or HtmlTag.H5 or HtmlTag.H6 => TagGroup.SmallestHeading,
        HtmlTag.Li => TagGroup.Item,
        HtmlTag.Td => TagGroup.Cell,
        HtmlTag.Th => TagGroup.HeaderCell,
        HtmlTag.Pre => TagGroup.Code,
        HtmlTag.Blockquote => TagGroup.Quote,
        HtmlTag.Dt or HtmlTag.Dd => TagGroup.Definition,
        HtmlTag.Figcaption or HtmlTag.Caption or HtmlTag.Figure => TagGroup.Caption,
        HtmlTag.Button or HtmlTag.Summary or HtmlTag.Legend => TagGroup.Control,
        HtmlTag.Address => TagGroup.Address,
        HtmlTag.Section or HtmlTag.Article => TagGroup.Section,
        _ => TagGroup.Other,
    };

    enum TagGroup
    {
        Other,
        Section,
        Paragraph,
        Quote,
        Code,
        Title,
        Heading,
        SmallHeading,
        SmallestHeading,
        Item,
        Definition,
        Cell,
        HeaderCell,
        Caption,
        Control,
        Address,
    }

    readonly record struct Repetition(int Blocks, int Words, int LinkCharacters, int Characters);
}
