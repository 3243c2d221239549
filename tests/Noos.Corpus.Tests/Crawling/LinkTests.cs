using System.Text;
using Noos.Corpus.Addresses;
using Noos.Corpus.Crawling;
using Noos.Corpus.Crawling.Links;

namespace Noos.Corpus.Tests.Crawling;

public sealed class LinkTests
{
    [Fact]
    public void Links_of_a_page_are_found_and_nothing_else()
    {
        var links = LinkScanner.Scan("""
            <!doctype html><base HREF='/base/'><html><head>
            <link rel="alternate canonical" href=c><link rel=stylesheet href=style.css>
            <meta name=robots content="noindex"><meta http-equiv="Refresh" content="5; URL='next.html'">
            <script>x = "<a href='script'>"</script><style>a { content: "<a href=style>" }</style>
            </head><!-- <a href=comment> --> <A class=x HREF = "a?x=1&amp;y=2" >a</A><a rel="x NoFollow" href=no>no</a>
            <a
              href=b>b</a><area href="/area"/><iframe src="frame.html">< a href=raw></iframe><a href="">self</a><a>none</a>
            <textarea><a href=area2></textarea><a href="unclosed
            """);

        Assert.Equal("/base/", links.Base);
        Assert.Equal(["c", "next.html", "a?x=1&y=2", "b", "/area", "frame.html", ""], links.Links);
        Assert.Equal([("robots", "noindex")], links.Metas);
    }

    [Fact]
    public void Number_of_links_is_limited() =>
        Assert.Equal(10, LinkScanner.Scan(string.Concat(Enumerable.Repeat("<a href=x>", 1000)), maxLinks: 10).Links.Count);

    /// <summary>Half a megabyte of what opens and never closes.</summary>
    [Theory]
    [InlineData("<")]
    [InlineData("<a ")]
    [InlineData("<!--")]
    [InlineData("<script>")]
    [InlineData("</")]
    [InlineData("<a href='")]
    [InlineData("<a href=x ")]
    public void Broken_page_takes_time_in_proportion(string part) =>
        Assert.True(LinkScanner.Scan(string.Concat(Enumerable.Repeat(part, 500_000 / part.Length))).Links.Count <= 10_000);

    [Theory]
    [InlineData("<urlset><url><loc> http://a/1 </loc></url><url><loc>http://a/2</loc><x:loc xmlns:x='i'>", "http://a/1 http://a/2", "")]
    [InlineData("<sitemapindex><sitemap><loc>http://a/s.xml.gz</loc></sitemap></sitemapindex>", "", "http://a/s.xml.gz")]
    [InlineData("<rss><channel><link>http://a/</link><item><link>http://a/1</link></item></channel></rss>", "http://a/1", "")]
    [InlineData("<feed><entry><link rel='alternate' href='/1'/><link rel='edit' href='/2'/></entry></feed>", "/1", "")]
    [InlineData("\uFEFFhttp://a/1\r\nhttp://a/2\r\nnothing\r\n", "http://a/1 http://a/2", "")]
    [InlineData("<urlset><url><loc>http://a/1</loc></url><url><lo", "http://a/1", "")]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>&e;</loc></url></urlset>", "", "")]
    public void Sitemap_is_read_in_every_form(string text, string pages, string sitemaps)
    {
        var sitemap = SitemapReader.Read(Encoding.UTF8.GetBytes(text), 1 << 20);

        Assert.Equal(pages, string.Join(' ', sitemap.Pages));
        Assert.Equal(sitemaps, string.Join(' ', sitemap.Sitemaps));
    }

    [Theory]
    [InlineData("http://a/x/x/x/y", true)]
    [InlineData("http://a/x/y/x/y/x/y/x", true)]
    [InlineData("http://a/2026/2026/x", false)]
    [InlineData("http://a/x/y/x/y/x", false)]
    [InlineData("http://a/1/2/1/2/1/2/1/2", false)]
    [InlineData("http://a/?p=1&p=1&p=1&p=1", true)]
    [InlineData("http://a/?a=1&b=2&c=3&d=4&e=5", false)]
    public void Addresses_without_an_end_are_told(string address, bool isTrap) =>
        Assert.Equal(isTrap, TrapGuard.IsTrap(WebUrl.TryParse(address)!));

    [Theory]
    [InlineData(CrawlScope.Host, "http://www.example.co.uk/x", true)]
    [InlineData(CrawlScope.Host, "http://blog.example.co.uk/x", false)]
    [InlineData(CrawlScope.Domain, "https://blog.example.co.uk/x", true)]
    [InlineData(CrawlScope.Domain, "http://other.co.uk/x", false)]
    [InlineData(CrawlScope.Web, "http://other.co.uk/x", true)]
    [InlineData(CrawlScope.Web, "http://other.co.uk/x.JPG", false)]
    [InlineData(CrawlScope.Web, "http://other.co.uk/x.html", true)]
    public void Scope_says_how_far_a_crawl_goes(CrawlScope scope, string address, bool isInside) => Assert.Equal(
        isInside, new ScopeFilter(new CrawlOptions { Scope = scope }, [WebUrl.TryParse("http://www.example.co.uk/")!])
            .Contains(CanonicalAddress.TryParse(address)!, 1));
}
