using Noos.Corpus.Extraction;

namespace Noos.Corpus.Tests.Extraction;

public sealed class HtmlExtractorTests
{
    static readonly Uri s_address = new("https://example.org/notes/rivers");

    const string Filler =
        "Rivers carry water from the mountains to the sea, and with it sand, salt and stories. People have settled on their banks "
        + "for thousands of years, because there is always something to drink, to eat and to trade.";

    [Fact]
    public void Content_is_kept_and_the_frame_is_not()
    {
        var page = Extract($"""
            <nav class="navbar"><ul><li><a href="/">Home</a></li><li><a href="/about">About us</a></li></ul></nav>
            <main><article><h1>Rivers</h1><p>{Filler}</p><p>The second paragraph speaks of lakes. {Filler}</p></article></main>
            <aside class="sidebar"><h3>Related articles</h3><ul><li><a href="/a">Seas</a></li><li><a href="/b">Lakes</a></li></ul></aside>
            <div class="cookie-banner">This site uses cookies. <button>Accept</button></div>
            <footer class="footer">© 2020 Example. All rights reserved. <a href="/privacy">Privacy policy</a></footer>
            """);

        Assert.Contains("to eat and to trade.", page.Text, StringComparison.Ordinal);
        Assert.Contains("speaks of lakes", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("cookies", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("rights reserved", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("About us", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Related", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Structure_becomes_Markdown()
    {
        var page = Extract($$"""
            <title>Rivers and how to cross them</title><article><h1>Rivers and how to cross them</h1><p>{{Filler}}</p>
            <h2>What is needed</h2><p>Before a river is crossed, these things must be at hand, in this order and no other:</p>
            <ol start="2"><li>a boat with <a href="../oars?kind=1">two oars</a></li><li>a rope, which has
            <ul><li>a length of twenty metres at least</li><li>no knots in it at all</li></ul></li></ol>
            <blockquote><p>Who crosses a river in spring gets wet, said everybody who ever crossed one.</p></blockquote>
            <p>The program computes it with <code>cross(river)</code>, which takes 10<sup>6</sup> steps at the most:</p>
            <pre><code class="language-python">def cross(river):
                return river.width &lt; 20
            </code></pre>
            <table><tr><th>River</th><th>Length in km</th></tr><tr><td>Rhine</td><td>1,233</td></tr><tr><td>Danube</td><td>2,850</td></tr>
            <tr><td>Elbe | Labe</td><td>1,094</td></tr></table>
            <p>{{Filler}} That was all that can be said of rivers here.</p></article>
            """, threshold: 0);

        Assert.Equal("Rivers and how to cross them", page.Title);
        Assert.DoesNotContain("# Rivers and how", page.Markdown, StringComparison.Ordinal);
        Assert.Contains("\n\n## What is needed\n\n", page.Markdown, StringComparison.Ordinal);
        Assert.Contains("2. a boat with [two oars](https://example.org/oars?kind=1)\n3. a rope, which has\n", page.Markdown,
            StringComparison.Ordinal);
        Assert.Contains("\n   - a length of twenty metres at least\n   - no knots in it at all\n", page.Markdown, StringComparison.Ordinal);
        Assert.Contains("\n> Who crosses a river", page.Markdown, StringComparison.Ordinal);
        Assert.Contains("with `cross(river)`, which takes 10^6 steps", page.Markdown, StringComparison.Ordinal);
        Assert.Contains(
            "```python\ndef cross(river):\n    return river.width < 20\n```", page.Markdown, StringComparison.Ordinal);
        Assert.Contains("| River | Length in km |\n| --- | --- |\n| Rhine | 1,233 |\n", page.Markdown, StringComparison.Ordinal);
        Assert.Contains("| Elbe \\| Labe | 1,094 |", page.Markdown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LinkStyle.Inline, "the [banks](https://example.org/banks) of the [sea](https://example.com/sea)")]
    [InlineData(LinkStyle.Numbered, "the banks [1] of the sea [2]")]
    [InlineData(LinkStyle.None, "the banks of the sea")]
    public void Links_are_absolute_and_in_the_style_that_is_asked_for(LinkStyle style, string expected)
    {
        var page = HtmlExtractor.Extract(
            $"<article><p>{Filler} We look at the <a href='/banks'>banks</a> of the <a href='//example.com/sea'>sea</a> and its "
            + "<a href='javascript:open()'>shells</a> and <a href='#top'>stones</a>.</p></article>",
            s_address, new ExtractionOptions { Links = style });

        Assert.Contains(expected + " and its shells and stones.", page.Markdown, StringComparison.Ordinal);
        Assert.Equal(
            style == LinkStyle.None ? [] : ["https://example.org/banks", "https://example.com/sea"],
            page.Links.Select(link => link.Address.AbsoluteUri));
    }

    [Fact]
    public void Base_element_moves_relative_links() => Assert.Equal("https://example.net/deep/b", HtmlExtractor.Extract(
        $"<base href='https://example.net/deep/a'><article><p>{Filler} <a href='b'>Next</a></p></article>", s_address)
        .Links[0].Address.AbsoluteUri);

    [Fact]
    public void Page_says_what_it_is()
    {
        var page = Extract($$"""
            <html lang="en_GB"><head><title>Rivers - The Example</title><meta property="og:site_name" content="The Example">
            <link rel="canonical" href="/rivers"><meta name="description" content="On rivers &amp; lakes">
            <script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "No"},
            {"@type": "NewsArticle", "headline": "Rivers", "datePublished": "2021-03-04T05:06:07+01:00",
            "author": [{"@type": "Person", "name": "Ann Writer"}, {"name": "Bob Writer"}],}]}</script></head>
            <body><article><h1>Rivers</h1><p>{{Filler}}</p></article></body></html>
            """);

        Assert.Equal("Rivers", page.Title);
        Assert.Equal("Ann Writer, Bob Writer", page.Author);
        Assert.Equal(new DateTimeOffset(2021, 3, 4, 5, 6, 7, TimeSpan.FromHours(1)), page.Published);
        Assert.Equal("en-GB", page.Language);
        Assert.Equal("The Example", page.Site);
        Assert.Equal("On rivers & lakes", page.Description);
        Assert.Equal("https://example.org/rivers", page.Canonical?.AbsoluteUri);
    }

    [Fact]
    public void Threshold_of_zero_keeps_all_text()
    {
        var page = Extract("<p>One</p><div>Two <b>and</b> a<br>half<br><br>Three</div><ul><li>Four<li>Five</ul>Six", threshold: 0);

        Assert.Equal("One\nTwo and a\nhalf\nThree\nFour\nFive\nSix", page.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("<html><body></body></html>")]
    [InlineData("<script>render()</script><style>p { }</style><noscript>Turn it on.</noscript>")]
    public void Page_without_text_is_empty(string html) => Assert.Equal("", Extract(html).Text);

    [Fact]
    public void Content_that_only_the_structured_data_has_is_taken_from_there()
    {
        var page = Extract($$"""
            <div id="app"></div><script type="application/ld+json">{"@type": "Article", "articleBody": "{{Filler}}"}</script>
            """);

        Assert.Equal(Filler, page.Text);
    }

    [Fact]
    public void Formula_is_kept_as_it_was_written() => Assert.Contains("area is $\\pi r^2$ and", Extract(
        $"<article><p>{Filler} Its area is <math alttext='\\pi r^2'><mi>π</mi><mi>r</mi></math> and no more.</p></article>").Text,
        StringComparison.Ordinal);

    [Fact]
    public void Article_ends_before_what_readers_say_of_it()
    {
        var page = Extract(WithComments("https://example.org/notes/rivers"));
        var forum = HtmlExtractor.Extract(WithComments("x"), new Uri("https://example.org/forum/topic/7"));

        Assert.Contains("carry water", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("never been to a river", page.Text, StringComparison.Ordinal);
        // In a forum it is the content.
        Assert.Contains("never been to a river", forum.Text, StringComparison.Ordinal);

        static string WithComments(string name) => $"""
            <head><title>Rivers</title><meta property="og:type" content="article"></head><body><div class="post"><h1>Rivers</h1>
            <p>{Filler} {name}</p><p>The second paragraph speaks of lakes. {Filler}</p></div>
            <ol id="comments" class="commentlist">{string.Concat(Enumerable.Range(1, 8).Select(number => $"""
                <li class="comment"><p>I have never been to a river in all my {number} years, but I have read of rivers, and what is said
                here is what I have always thought of them, and of lakes, too.</p></li>
                """))}</ol></body>
            """;
    }

    [Fact]
    public void Article_has_nothing_that_leads_to_others()
    {
        var page = Extract($"""
            <head><title>Rivers</title><meta property="og:type" content="article"></head><body><article><h1>Rivers</h1>
            <p>{Filler} {Filler}</p><p><b>Read more:</b> <a href="/1">Ten lakes that one should have seen</a></p>
            <p>More from the hills is what a river carries with it, and nobody has ever read more of that than the people of the plain.</p>
            <p>{Filler}</p><p>Mehr zum Thema:</p><p><a href="/2">Seen und ihre Ufer</a></p><p><a href="/3">Bäche im Gebirge</a></p>
            <p>{Filler} And that was all of it.</p></article></body>
            """);

        Assert.Contains("a river carries", page.Text, StringComparison.Ordinal);
        Assert.Contains("that was all", page.Text, StringComparison.Ordinal);
        foreach (var gone in (ReadOnlySpan<string>)["Ten lakes", "Mehr zum", "Seen und", "im Gebirge"])
        {
            Assert.DoesNotContain(gone, page.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Article_is_what_the_page_says_that_it_is()
    {
        const string second = "The second paragraph speaks of lakes, which are wide, deep, and without a current that one could see.";
        var page = Extract($$"""
            <head><title>Rivers</title><script type="application/ld+json">
            {"@type": "NewsArticle", "articleBody": "{{Filler}} {{second}} {{Filler}}"}</script></head>
            <body><div class="page"><h1>Rivers</h1><p>All that one needs to know of them, told by somebody who has crossed a few.</p>
            <div class="text"><p>{{Filler}}</p><p>A boat that lies on a river and has nothing to do with it at all</p>
            <p>{{second}} {{Filler}}</p></div>
            <div class="text"><p>Another story begins here, which somebody else has written about mountains, and which is long enough to be
            taken for content, as it has sentences, commas, and no links. It goes on for a while, as stories do.</p></div></div></body>
            """);

        Assert.Contains("needs to know", page.Text, StringComparison.Ordinal);
        Assert.Contains("speaks of lakes", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing to do with it", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Another story", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_article_with_the_title_is_kept_of_those_that_a_page_loads_one_after_the_other()
    {
        var page = Extract($"""
            <head><title>Rivers and how to cross them</title></head><body>
            <article><h1>Rivers and how to cross them</h1><p>{Filler}</p><p>{Filler} That was all of rivers.</p><p>{Filler}</p></article>
            <article><h1>Mountains and how to climb them</h1><p>Mountains stand around rivers, and are higher than those. People have
            settled below them for thousands of years, because there is always something to climb, to see and to fall from.</p></article>
            </body>
            """);

        Assert.Contains("all of rivers", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Mountains stand", page.Text, StringComparison.Ordinal);
    }

    static WebPage Extract(string html, float threshold = 0.45f) =>
        HtmlExtractor.Extract(html, s_address, new ExtractionOptions { Threshold = threshold });
}
