using System.Text;
using Noos.Corpus.Crawling.Robots;

namespace Noos.Corpus.Tests.Crawling;

/// <summary>RFC 9309, section by section; its own examples among them.</summary>
public sealed class RobotsFileTests
{
    [Theory]
    // 2.2.1: names without case, groups merged, the most specific alone.
    [InlineData("user-agent: NOOS\ndisallow: /a", "/a", false)]
    [InlineData("user-agent: noos/2.1 (x)\ndisallow: /a", "/a", false)]
    [InlineData("user-agent: noosbot\ndisallow: /a", "/a", true)]
    [InlineData("user-agent: *\ndisallow: /\nuser-agent: noos\ndisallow: /b", "/a", true)]
    [InlineData("user-agent: noos\ndisallow: /a\nuser-agent: x\ndisallow: /\nuser-agent: noos\ndisallow: /b", "/b", false)]
    [InlineData("user-agent: noos\ndisallow: /a\nuser-agent: x\ndisallow: /\nuser-agent: noos\ndisallow: /b", "/a", false)]
    [InlineData("user-agent: x\nuser-agent: noos\ndisallow: /a", "/a", false)]
    [InlineData("user-agent: x\nsitemap: /s\n\nuser-agent: noos\ndisallow: /a", "/a", false)]
    [InlineData("user-agent: noos\n\nuser-agent: x\ndisallow: /", "/a", false)]
    [InlineData("disallow: /\nuser-agent: noos\nallow: /b", "/a", true)]
    [InlineData("user-agent: noos\nuser-agent: *\ndisallow:\n", "/a", true)]
    // 2.2.2: the longest match, the milder of two that are equal, an empty rule is none.
    [InlineData("user-agent: *\nallow: /p\ndisallow: /", "/page", true)]
    [InlineData("user-agent: *\nallow: /folder\ndisallow: /folder", "/folder/page", true)]
    [InlineData("user-agent: *\nallow: /page\ndisallow: /*.htm", "/page.htm", false)]
    [InlineData("user-agent: *\nallow: /$\ndisallow: /", "/", true)]
    [InlineData("user-agent: *\nallow: /$\ndisallow: /", "/page.htm", false)]
    [InlineData("user-agent: *\ndisallow: /example/page/disallowed.gif\nallow: /example/page/", "/example/page/disallowed.gif", false)]
    [InlineData("user-agent: *\ndisallow: /\nallow: /robots.txt$", "/robots.txt", true)]
    [InlineData("user-agent: *\ndisallow: /", "/robots.txt", true)]
    [InlineData("user-agent: *\ndisallow: /A", "/a", true)]
    // Percent-encoding: letters are themselves, capitals of digits do not matter, what is not ASCII is encoded, the rest is not touched.
    [InlineData("user-agent: *\ndisallow: /foo/bar/%62%61%7A", "/foo/bar/baz", false)]
    [InlineData("user-agent: *\ndisallow: /foo/bar/baz", "/foo/bar/%62%61%7A", false)]
    [InlineData("user-agent: *\ndisallow: /foo/bar/\u30C4", "/foo/bar/%E3%83%84", false)]
    [InlineData("user-agent: *\ndisallow: /foo/bar/%e3%83%84", "/foo/bar/\u30C4", false)]
    [InlineData("user-agent: *\ndisallow: /a%2Fb", "/a/b", true)]
    [InlineData("user-agent: *\ndisallow: /foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", false)]
    [InlineData("user-agent: *\ndisallow: /foo/bar?baz=https%3a%2F%2Ffoo.bar", "/foo/bar?baz=https://foo.bar", false)]
    // 2.2.3: special characters.
    [InlineData("user-agent: *\ndisallow: /a*b*c", "/axxbyyc/z", false)]
    [InlineData("user-agent: *\ndisallow: /a*b*c", "/axxcyyb", true)]
    [InlineData("user-agent: *\ndisallow: /*.php$", "/x.php?y", true)]
    [InlineData("user-agent: *\ndisallow: /*.php$", "/x.php.php", false)]
    [InlineData("user-agent: *\ndisallow: /a$b", "/a$bc", false)]
    [InlineData("user-agent: *\ndisallow: *", "/x", false)]
    [InlineData("user-agent: *\ndisallow: /path/file-with-a-%2A.html", "/path/file-with-a-*.html", false)]
    [InlineData("user-agent: *\ndisallow: /path/foo-%24", "/path/foo-$", false)]
    [InlineData("user-agent: * # all\ndisallow: /a # this", "/a", false)]
    // What people write.
    [InlineData("\uFEFFuser-agent: *\r\ndisallow: /a\r\n", "/a", false)]
    [InlineData("user-agent: *\rdisallow: /a\r", "/a", false)]
    [InlineData("user agent: *\ndisalow /a", "/a", false)]
    [InlineData("useg-agent: *\ndesallow: /a", "/a", false)]
    [InlineData("user-agent: *\n  Disallow :  /a  ", "/a", false)]
    [InlineData("<html><body>User-agent: * Disallow: /</body></html>", "/a", true)]
    [InlineData("", "/a", true)]
    public void Path_is_allowed_as_the_standard_says(string file, string path, bool isAllowed) =>
        Assert.Equal(isAllowed, RobotsFile.Parse(Encoding.UTF8.GetBytes(file)).RulesFor("noos").IsAllowed(path));

    [Fact]
    public void Half_a_byte_order_mark_and_UTF_16_are_read()
    {
        Assert.False(RobotsFile.Parse([0xEF, 0xBB, .. "user-agent: *\ndisallow: /"u8]).RulesFor("noos").IsAllowed("/a"));
        var wide = (byte[])[0xFF, 0xFE, .. Encoding.Unicode.GetBytes("user-agent: *\ndisallow: /")];
        Assert.False(RobotsFile.Parse(wide).RulesFor("noos").IsAllowed("/a"));
    }

    [Fact]
    public void Rules_beyond_500_KiB_are_not_read_and_a_rule_across_the_limit_is_none()
    {
        var filler = new string('x', 1000);
        var text = new StringBuilder("user-agent: *\ndisallow: /first\n");
        while (text.Length < RobotsFile.MaxBytes - 1100)
        {
            text.Append("# ").Append(filler).Append('\n');
        }

        text.Append('#', RobotsFile.MaxBytes - text.Length - 12).Append('\n');
        text.Append("disallow: /private\ndisallow: /later\n");
        var rules = RobotsFile.Parse(Encoding.ASCII.GetBytes(text.ToString())).RulesFor("noos");

        Assert.False(rules.IsAllowed("/first"));
        Assert.True(rules.IsAllowed("/public"));
        Assert.True(rules.IsAllowed("/private"));
        Assert.True(rules.IsAllowed("/later"));
    }

    [Fact]
    public void Delay_sitemaps_and_signals_are_read()
    {
        var file = RobotsFile.Parse("""
            Sitemap: https://example.org/a.xml
            User-agent: *
            Crawl-delay: 2.5
            Content-Signal: search=yes, ai-train=no
            Content-Usage: /open train-ai=y
            Allow: /
            site-map: /b.xml
            """u8);
        var rules = file.RulesFor("noos");

        Assert.Equal(TimeSpan.FromSeconds(2.5), rules.CrawlDelay);
        Assert.Equal(["https://example.org/a.xml", "/b.xml"], rules.Sitemaps);
        Assert.Equal(Noos.Corpus.Crawling.OptOuts.OptOut.NoTraining, rules.SignalsOf("/x"));
        Assert.Equal(Noos.Corpus.Crawling.OptOuts.OptOut.None, rules.SignalsOf("/open/x"));
    }

    /// <summary>A thousand stars are no reason to wait.</summary>
    [Fact]
    public void Many_stars_take_no_more_time_than_few()
    {
        var rule = "/" + string.Concat(Enumerable.Repeat("*a", 5000)) + "b";
        var rules = RobotsFile.Parse(Encoding.ASCII.GetBytes($"user-agent: *\ndisallow: {rule}")).RulesFor("noos");

        Assert.True(rules.IsAllowed("/" + new string('a', 100_000)));
    }
}
