using System.Globalization;
using Markdig;
using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax.Inlines;

namespace Noos.Pages.Text;

/// <summary>Numbers in brackets, as in "It was built in 1889 [2]." or "[1, 3]", which lead to passages.</summary>
sealed class CitationInline(IReadOnlyList<int> numbers) : LeafInline
{
    public IReadOnlyList<int> Numbers => numbers;
}

/// <summary>Reads such numbers.</summary>
sealed class CitationExtension : IMarkdownExtension
{
    public void Setup(MarkdownPipelineBuilder pipeline) => pipeline.InlineParsers.Insert(0, new Parser());

    public void Setup(MarkdownPipeline pipeline, IMarkdownRenderer renderer)
    {
        // Which passages there are is known only to whoever renders.
    }

    sealed class Parser : InlineParser
    {
        const int MaxLength = 60;
        const int MaxDigits = 3;

        public Parser() => OpeningCharacters = ['['];

        public override bool Match(InlineProcessor processor, ref StringSlice slice)
        {
            var text = slice.AsSpan();
            var end = text[..Math.Min(text.Length, MaxLength)].IndexOf(']');
            // A link or a reference that has a number for its text is no citation.
            if (end < 2 || (end + 1 < text.Length && text[end + 1] is '(' or ':' or '['))
            {
                return false;
            }

            var numbers = new List<int>();
            foreach (var range in text[1..end].SplitAny(',', ';'))
            {
                var one = text[1..end][range].Trim();
                if (one.Length is 0 or > MaxDigits || !int.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    return false;
                }

                numbers.Add(number);
            }

            processor.Inline = new CitationInline(numbers)
            {
                Span = { Start = processor.GetSourcePosition(slice.Start, out var line, out var column) },
                Line = line,
                Column = column,
            };
            slice.Start += end + 1;
            return true;
        }
    }
}

/// <summary>Draws them as links to the passages of an answer.</summary>
sealed class CitationRenderer(CitationLinks? citations) : HtmlObjectRenderer<CitationInline>
{
    protected override void Write(HtmlRenderer renderer, CitationInline inline)
    {
        if (!inline.Numbers.Any(number => citations?.Find(number) is not null))
        {
            renderer.Write('[').Write(string.Join(", ", inline.Numbers)).Write(']');
            return;
        }

        foreach (var known in inline.Numbers)
        {
            if (citations!.Find(known) is { } passage)
            {
                var number = known.ToString(CultureInfo.InvariantCulture);
                renderer.Write("<button type=\"button\" class=\"cite\" data-act=\"cite\" data-source=\"")
                    .WriteEscape(citations.AnchorOf(known)).Write("\" aria-label=\"Source ").Write(number).Write(": ")
                    .WriteEscape(passage.Citation.Title).Write("\">").Write(number).Write("</button>");
            }
        }
    }
}
