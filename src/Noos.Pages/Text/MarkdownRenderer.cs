using System.Net;
using Markdig;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Renderers.Html.Inlines;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Noos.Pages.Text;

/// <summary>
/// Markdown of a model as HTML: CommonMark with tables, task lists and strikethrough; markup in it is text, pictures are links, and links
/// lead only to the web or to mail. Thread-safe.
/// </summary>
static class MarkdownRenderer
{
    static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder()
        .DisableHtml()
        .UsePipeTables()
        .UseTaskLists()
        .UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough)
        .UseAutoLinks()
        .Use<CitationExtension>()
        .Use<MathExtension>()
        .Build();

    /// <summary>The blocks of a text, with where they lie in it. What is nested too deeply is one paragraph as it stands.</summary>
    public static MarkdownDocument Parse(string text)
    {
        try
        {
            return Markdown.Parse(text, s_pipeline);
        }
        catch (ArgumentException)
        {
            // Markdig's word for a depth beyond its limit.
            return [Plain(text)];
        }
    }

    static ParagraphBlock Plain(string text)
    {
        var inlines = new ContainerInline();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (inlines.FirstChild is not null)
            {
                inlines.AppendChild(new LineBreakInline { IsHard = true });
            }

            inlines.AppendChild(new LiteralInline(line.ToString()));
        }

        return new ParagraphBlock { Inline = inlines, Span = new SourceSpan(0, text.Length - 1) };
    }

    /// <summary>All of a text.</summary>
    /// <param name="text">Markdown.</param>
    /// <param name="citations">What the numbers in brackets lead to; null where they are only numbers.</param>
    public static string Render(string text, CitationLinks? citations = null) => new Writer(citations).Render(Parse(text), text);

    /// <summary>The text of links that lead nowhere good, and the names of pictures, stay as text.</summary>
    internal static bool IsSafe(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https" or "mailto" && address!.IndexOfAny(['\r', '\n']) < 0;

    internal static void WriteLink(HtmlRenderer renderer, string address) => renderer.Write("<a href=\"")
        .WriteEscapeUrl(address).Write("\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">");

    sealed class SafeLinkRenderer : HtmlObjectRenderer<LinkInline>
    {
        protected override void Write(HtmlRenderer renderer, LinkInline link)
        {
            var address = link.GetDynamicUrl?.Invoke() ?? link.Url;
            var isSafe = IsSafe(address);
            if (isSafe)
            {
                WriteLink(renderer, address!);
            }

            // Nothing is ever loaded from elsewhere: a picture is a link with its name.
            renderer.Write(link.IsImage ? "🖼 " : "");
            if (link.FirstChild is null)
            {
                renderer.WriteEscape(address ?? "");
            }

            renderer.WriteChildren(link);
            renderer.Write(isSafe ? "</a>" : "");
        }
    }

    sealed class SafeAutolinkRenderer : HtmlObjectRenderer<AutolinkInline>
    {
        protected override void Write(HtmlRenderer renderer, AutolinkInline link)
        {
            var address = link.IsEmail ? "mailto:" + link.Url : link.Url;
            var isSafe = IsSafe(address);
            if (isSafe)
            {
                WriteLink(renderer, address);
            }

            renderer.WriteEscape(link.Url);
            renderer.Write(isSafe ? "</a>" : "");
        }
    }

    /// <summary>Code with its language and what can be done with it.</summary>
    sealed class CodeFigureRenderer : HtmlObjectRenderer<CodeBlock>
    {
        protected override void Write(HtmlRenderer renderer, CodeBlock block)
        {
            var language = (block as FencedCodeBlock)?.Info?.Trim();
            var code = block.Lines.ToString();
            renderer.EnsureLine();
            renderer.Write(CodeFigure.Begin(language)).Write(CodeHighlighter.Render(code, language)).Write(CodeFigure.End);
        }
    }

    /// <summary>Renders one block after another: to set one up costs more than most blocks. Not thread-safe.</summary>
    internal sealed class Writer(CitationLinks? citations)
    {
        HtmlRenderer _renderer = Create(citations);

        /// <summary>What is nested too deeply to be drawn is shown as it stands.</summary>
        /// <param name="block">A block, or a document.</param>
        /// <param name="source">The text that it was parsed from.</param>
        public string Render(MarkdownObject block, string source)
        {
            try
            {
                return Write(block);
            }
            catch (ArgumentException)
            {
                // What was half drawn is thrown away with the state of its renderer.
                _renderer = Create(citations);
                var end = Math.Min(block.Span.End + 1, source.Length);
                return Write(Plain(block is MarkdownDocument ? source : source[Math.Min(block.Span.Start, end)..end]));
            }
        }

        string Write(MarkdownObject block)
        {
            _renderer.Render(block);
            var text = ((StringWriter)_renderer.Writer).GetStringBuilder();
            // The renderer ends lines between blocks, which stand alone here.
            var html = text.ToString().Trim('\n');
            text.Clear();
            return html;
        }

        static HtmlRenderer Create(CitationLinks? citations)
        {
            var renderer = new HtmlRenderer(new StringWriter());
            s_pipeline.Setup(renderer);
            renderer.ObjectRenderers.ReplaceOrAdd<LinkInlineRenderer>(new SafeLinkRenderer());
            renderer.ObjectRenderers.ReplaceOrAdd<AutolinkInlineRenderer>(new SafeAutolinkRenderer());
            renderer.ObjectRenderers.ReplaceOrAdd<CodeBlockRenderer>(new CodeFigureRenderer());
            renderer.ObjectRenderers.Insert(0, new CitationRenderer(citations));
            return renderer;
        }
    }

    /// <summary>An escaped text.</summary>
    internal static string Escape(string text) => WebUtility.HtmlEncode(text);
}
