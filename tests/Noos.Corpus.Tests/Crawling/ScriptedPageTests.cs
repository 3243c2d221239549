using System.Text;
using Noos.Corpus.Crawling.Rendering;

namespace Noos.Corpus.Tests.Crawling;

public sealed class ScriptedPageTests
{
    static readonly string s_text = string.Concat(Enumerable.Repeat("A sentence that somebody reads. ", 12));

    [Theory]
    [InlineData("<div id=root></div><script src=app.js></script>", true)]
    [InlineData("<div id=root></div><SCRIPT type=\"module\" crossorigin src=app.js></SCRIPT>", true)]
    [InlineData("<noscript>{0}</noscript><script>go()</script>", true)]
    [InlineData("<script>{0}</script>", true)]
    [InlineData("<!-- {0} --><script>go()</script>", true)]
    [InlineData("<p>{0}</p><script>go()</script>", false)]
    [InlineData("<p>short</p>", false)]
    [InlineData("<p>short</p><script type=application/ld+json>{{}}</script>", false)]
    [InlineData("<p>short</p><script type=importmap>{{}}</script>", false)]
    [InlineData("", false)]
    [InlineData("<script", false)]
    public void Page_with_scripts_and_nearly_no_text_is_built_by_them(string html, bool isBuilt) =>
        Assert.Equal(isBuilt, ScriptedPage.IsBuiltByScript(string.Format(System.Globalization.CultureInfo.InvariantCulture, html, s_text)));

    [Fact]
    public void Whatever_comes_is_judged()
    {
        var random = new Random(3);
        string[] parts = ["<script>", "</script", ">", "<!--", "-->", "<", "/", "type=", "json", "a", "<noscript>", "\0", "é", " "];
        for (var round = 0; round < 2000; round++)
        {
            var page = new StringBuilder();
            for (var count = random.Next(30); count > 0; count--)
            {
                page.Append(parts[random.Next(parts.Length)]);
            }

            _ = ScriptedPage.IsBuiltByScript(page.ToString());
        }
    }
}
