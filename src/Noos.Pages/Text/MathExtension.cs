using Markdig;
using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax.Inlines;

namespace Noos.Pages.Text;

/// <summary>A formula.</summary>
sealed class MathInline(string tex, bool isBlock) : LeafInline
{
    public string Tex => tex;

    public bool IsBlock => isBlock;
}

/// <summary>Reads formulas: <c>$...$</c>, <c>$$...$$</c>, <c>\(...\)</c> and <c>\[...\]</c>. A sum of money is none.</summary>
sealed class MathExtension : IMarkdownExtension
{
    // Longer ones are none: behind each of many marks without an end all of the text would be searched.
    internal const int MaxLength = 10_000;

    public void Setup(MarkdownPipelineBuilder pipeline) => pipeline.InlineParsers.Insert(0, new Parser());

    public void Setup(MarkdownPipeline pipeline, IMarkdownRenderer renderer)
    {
        if (renderer is HtmlRenderer html)
        {
            html.ObjectRenderers.Insert(0, new Renderer());
        }
    }

    /// <summary>The end of a formula that begins at a place, and what is inside; null where none does.</summary>
    /// <param name="text">From the first mark on.</param>
    internal static (int Length, string Tex, bool IsBlock)? Find(ReadOnlySpan<char> text)
    {
        var (open, close) = text switch
        {
            ['$', '$', ..] => ("$$", "$$"),
            ['$', ..] => ("$", "$"),
            ['\\', '(', ..] => ("\\(", "\\)"),
            ['\\', '[', ..] => ("\\[", "\\]"),
            _ => ("", ""),
        };
        if (open.Length == 0 || text.Length <= open.Length)
        {
            return null;
        }

        var rest = text[open.Length..Math.Min(text.Length, open.Length + MaxLength)];
        var end = rest.IndexOf(close);
        if (end <= 0)
        {
            return null;
        }

        // As in Pandoc: a price has a digit behind its sign, or a space before the next one.
        var isMoney = open == "$" && (char.IsWhiteSpace(rest[0]) || char.IsWhiteSpace(rest[end - 1])
            || (open.Length + end + 1 < text.Length && char.IsAsciiDigit(text[open.Length + end + 1])) || rest[..end].Contains('\n'));
        return isMoney ? null : (open.Length + end + close.Length, rest[..end].Trim().ToString(), open is "$$" or "\\[");
    }

    sealed class Parser : InlineParser
    {
        public Parser() => OpeningCharacters = ['$', '\\'];

        public override bool Match(InlineProcessor processor, ref StringSlice slice)
        {
            if (Find(slice.AsSpan()) is not var (length, tex, isBlock))
            {
                return false;
            }

            processor.Inline = new MathInline(tex, isBlock)
            {
                Span = { Start = processor.GetSourcePosition(slice.Start, out var line, out var column) },
                Line = line,
                Column = column,
            };
            slice.Start += length;
            return true;
        }
    }

    sealed class Renderer : HtmlObjectRenderer<MathInline>
    {
        protected override void Write(HtmlRenderer renderer, MathInline math) => renderer.Write(TexMath.Render(math.Tex, math.IsBlock));
    }
}
