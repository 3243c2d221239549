using System.Globalization;
using Markdig;
using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax.Inlines;

namespace Noos.Pages.Text;

/// <summary>A number in brackets, as in "It was built in 1889 [2].", which leads to a passage.</summary>
sealed class CitationInline(int number) : LeafInline
{
    public int Number => number;
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
        const int MaxDigits = 3;

        public Parser() => OpeningCharacters = ['['];

        public override bool Match(InlineProcessor processor, ref StringSlice slice)
        {
            var length = 1;
            while (length <= MaxDigits && char.IsAsciiDigit(slice.PeekChar(length)))
            {
                length++;
            }

            // A link or a reference that has a number for its text is no citation.
            if (length == 1 || slice.PeekChar(length) != ']' || slice.PeekChar(length + 1) is '(' or ':' or '[')
            {
                return false;
            }

            var number = int.Parse(slice.AsSpan()[1..length], CultureInfo.InvariantCulture);
            processor.Inline = new CitationInline(number)
            {
                Span = { Start = processor.GetSourcePosition(slice.Start, out var line, out var column), },
                Line = line,
                Column = column,
            };
            slice.Start += length + 1;
            return true;
        }
    }
}

/// <summary>Draws them as links to the passages of an answer.</summary>
sealed class CitationRenderer(CitationLinks? citations) : HtmlObjectRenderer<CitationInline>
{
    protected override void Write(HtmlRenderer renderer, CitationInline citation)
    {
        var number = citation.Number.ToString(CultureInfo.InvariantCulture);
        if (citations?.Find(citation.Number) is not { } passage)
        {
            renderer.Write('[').Write(number).Write(']');
            return;
        }

        renderer.Write("<button type=\"button\" class=\"cite\" data-act=\"cite\" data-source=\"")
            .WriteEscape(citations.AnchorOf(citation.Number)).Write("\" aria-label=\"Source ").Write(number).Write(": ")
            .WriteEscape(passage.Citation.Title).Write("\">").Write(number).Write("</button>");
    }
}
