using System.Text;
using Noos.Corpus.Extraction;

namespace Noos.Corpus.Tests.Extraction;

/// <summary>Whatever comes gives a page: without a crash, without a hang, in memory that is in proportion to what came.</summary>
public sealed class MalformedPageTests
{
    const int Mutations = 1000;

    // A hang is told from a slow machine.
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    static readonly string[] s_pieces =
    [
        "<div>", "</div>", "<p>", "</p>", "<table>", "</table>", "<tr>", "<td>", "</td>", "<b>", "</b>", "<a href='x'>", "</a>", "<ul><li>",
        "</ul>", "<select>", "<option>", "<svg><desc>", "</svg>", "<math><mi>", "<annotation-xml>",
        "<template>", "</template>", "<frameset>",
        "<form>", "</form>", "<script>", "</script>", "<style>", "<!--", "-->", "<![CDATA[", "]]>", "<!doctype html>", "<html>", "<body>",
        "</body>", "</html>", "<head>", "<title>", "</title>", "<textarea>", "<plaintext>", "<xmp>", "<pre>\n", "&amp", "&#x110000;",
        "&#0;", "&notit;", "&", "<", ">", "\"", "'", "=", "\0", "\uD800", "\uFEFF", "</", "<a <b", "<br/>", "<img alt=\"", "<caption>",
        "<colgroup>", "<tbody>", "<button>", "<h1>", "</h2>", "<dd>", "<dt>", "<ruby><rt>", "<noscript>", "<iframe>", "<object>",
        "<meta charset=utf-16>", "<base href='http://['>", "<link rel=canonical href=':'>", "<blockquote>", "<math alttext='",
        "<script type='application/ld+json'>{\"@type\":[[[", "<p style='display:none",
        "<td colspan=99999999>", "<ol start=-2147483648><li>",
    ];

    static readonly string s_page = """
        <!doctype html><html lang="en"><head><title>Rivers | Example</title><meta property="og:title" content="Rivers">
        <script type="application/ld+json">{"@type": "Article", "headline": "Rivers", "author": {"name": "Ann"}}</script></head><body
        class="single post"><nav><ul><li><a href="/">Home</a><li><a href="/a?b=c&amp;d">Other</a></ul></nav><article id=main><h1>Rivers</h1>
        <p>Rivers carry water from the mountains to the sea, &copy; and with it <b>sand, <i>salt</b> and</i> stories.</p><table><tr><th>Name
        <th>Length<tr><td>Rhine<td>1233 km<tr><td>Danube<td>2850 km</table><pre><code class="language-c">int main() { }</code></pre>
        <ol start=3><li>One<ul><li>Two</ul><li>Three</ol><math alttext="x^2"><mi>x</mi></math><blockquote>Somebody said so.</blockquote>
        </article><footer>All rights reserved</footer></body></html>
        """;

    public static TheoryData<string> Monsters => [.. s_monsters.Keys];

    static readonly Dictionary<string, Func<string>> s_monsters = new(StringComparer.Ordinal)
    {
        ["deep"] = () => Repeat("<div>", 200_000) + "text",
        ["deep inline"] = () => Repeat("<span>", 200_000) + "text" + Repeat("</span>", 200_000),
        ["deep, with ends that close nothing"] = () => Repeat("<div></x>", 200_000) + "text",
        ["deep lists"] = () => Repeat("<ul><li>", 50_000) + "text",
        ["deep tables"] = () => Repeat("<table><tr><td>", 30_000) + "text",
        ["deep quotes"] = () => Repeat("<blockquote>", 100_000) + "text",
        ["misplaced in tables"] = () => "<table>" + Repeat("<div>text<table>", 10_000),
        ["open formatting, all different"] = () =>
            string.Concat(Enumerable.Range(0, 3000).Select(i => $"<font size={i} id=a{i}>")) + Repeat("<p>text", 3000),
        ["links within links"] = () => Repeat("<a href=x>text", 50_000),
        ["misnested"] = () => Repeat("<b><p><i></b>text</p></i>", 10_000),
        ["many items"] = () => "<ol>" + Repeat("<li>an item", 100_000),
        ["many cells"] = () => "<table>" + Repeat("<tr><td>a<td>b", 50_000),
        ["many elements"] = () => Repeat("<p>a word</p>", 300_000),
        ["long attribute"] = () => $"<p class='{Repeat("nav-", 1_000_000)}' title='{Repeat("x", 1_000_000)}'>text",
        ["many attributes"] = () => "<p " + string.Concat(Enumerable.Range(0, 30_000).Select(i => $"a{i}=1 ")) + ">text",
        ["many classes"] = () => string.Concat(Enumerable.Range(0, 20_000).Select(i => $"<p class='articlebody{i} c{i}'>text</p>")),
        ["references"] = () => Repeat("&amp;&lt;&notin;&#120;&CounterClockwiseContourIntegral;", 100_000),
        ["unknown references"] = () => Repeat("&nothing;&#xFFFFFFFFF;&#99999999999;", 100_000),
        ["one word"] = () => "<p>" + Repeat("a", 4_000_000),
        ["white space"] = () => "<p>a" + Repeat(" \n\t", 1_000_000) + "b",
        ["line breaks"] = () => "<p>a" + Repeat("<br>", 200_000) + "b",
        ["unfinished comment"] = () => "<p>text<!--" + Repeat("<p>-", 500_000),
        ["unfinished tag"] = () => "<p>text" + Repeat("<a b", 300_000),
        ["unfinished script"] = () => "<p>text<script>" + Repeat("<!--<script>", 100_000),
        ["nested JSON"] = () => $"<p>text<script type='application/ld+json'>{Repeat("[{\"a\":", 100_000)}</script>",
        ["wide JSON"] = () =>
            $"<p>text<script type='application/ld+json'>[{Repeat("{\"@type\":\"Article\",\"name\":\"x\"},", 50_000)}]</script>",
        ["columns"] = () => "<table>" + Repeat("<tr>" + Repeat("<td colspan=1000>a", 50), 200) + "</table>",
        ["formulas"] = () => Repeat("<math><mi><svg><desc>", 20_000) + "text",
        ["templates"] = () => Repeat("<template>", 50_000) + "text",
        ["options"] = () => Repeat("<select><option>", 50_000) + "text",
        ["frames"] = () => Repeat("<frameset><frame>", 50_000) + "text",
        ["zeros"] = () => Repeat("\0", 1_000_000),
        ["half characters"] = () => Repeat("\uD83D", 100_000) + "<p>" + Repeat("\uDE00", 100_000),
    };

    [Theory]
    [MemberData(nameof(Monsters))]
    public Task Monster_gives_a_page(string name) => Task.Run(() => Check(s_monsters[name]()), Token).WaitAsync(s_patience, Token);

    [Fact]
    public Task Mutated_pages_give_pages() => Task.Run(() =>
    {
        var random = new Random(7);
        for (var round = 0; round < Mutations; round++)
        {
            var page = new StringBuilder(s_page);
            for (var edits = 1 + random.Next(12); edits > 0; edits--)
            {
                Mutate(page, random);
            }

            Check(page.ToString());
        }
    }, Token).WaitAsync(s_patience, Token);

    [Fact]
    public Task Mutated_bytes_give_pages() => Task.Run(() =>
    {
        var random = new Random(11);
        var original = Encoding.UTF8.GetBytes(s_page);
        for (var round = 0; round < 200; round++)
        {
            var bytes = original.ToArray();
            for (var edits = random.Next(60); edits > 0; edits--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            HtmlExtractor.Extract(bytes, random.Next(3) switch { 0 => null, 1 => "shift_jis", _ => "utf-16" }, null);
        }
    }, Token).WaitAsync(s_patience, Token);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static void Check(string html)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var page = HtmlExtractor.Extract(html, new Uri("https://example.org/"), new ExtractionOptions { Threshold = 0 });
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // A tree costs a multiple of its text, and an element of five characters some hundred bytes.
        Assert.InRange(allocated, 0, 64_000_000 + 600L * html.Length);
        Assert.InRange(page.Markdown.Length, 0, 20_000 + 20L * html.Length);
        Assert.DoesNotContain('\0', page.Text);
    }

    static void Mutate(StringBuilder page, Random random)
    {
        var at = random.Next(page.Length);
        var length = Math.Min(random.Next(1, 80), page.Length - at);
        switch (random.Next(6))
        {
            case 0:
                page.Remove(at, length);
                break;
            case 1:
                page.Insert(at, page.ToString(at, length));
                break;
            case 2:
                page[at] = (char)random.Next(random.Next(2) == 0 ? 128 : char.MaxValue + 1);
                break;
            case 3:
                page.Insert(at, s_pieces[random.Next(s_pieces.Length)]);
                break;
            case 4:
                page.Insert(at, Repeat(s_pieces[random.Next(s_pieces.Length)], random.Next(1, 300)));
                break;
            default:
                page.Length = Math.Max(1, page.Length - length);
                break;
        }

        page.Length = Math.Max(page.Length, 1);
    }

    static string Repeat(string text, int count) => new StringBuilder(text.Length * count).Insert(0, text, count).ToString();
}
