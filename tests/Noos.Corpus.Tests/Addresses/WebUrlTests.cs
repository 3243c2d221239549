using System.Text;
using System.Text.Json;
using Noos.Corpus.Addresses;
using Noos.Testing;

namespace Noos.Corpus.Tests.Addresses;

public sealed class WebUrlTests
{
    [Theory]
    [InlineData("HTTP://EXAMPLE.org:80/a/../b/./c?x#y", "http://example.org/b/c?x#y")]
    [InlineData("https:example.org\\x", "https://example.org/x")]
    [InlineData("  http://ex\tample.org/a b\n", "http://example.org/a%20b")]
    [InlineData("http://0x7f.1/", "http://127.0.0.1/")]
    [InlineData("http://2130706433", "http://127.0.0.1/")]
    [InlineData("http://[0:0:0:0:0:0:0:1]/", "http://[::1]/")]
    [InlineData("http://[1:0::0:2:127.0.0.1]/", "http://[1::2:7f00:1]/")]
    [InlineData("http://f\u00fc\u00df.DE/\u00e9?\u00e9", "http://xn--f-qfa0g.de/%C3%A9?%C3%A9")]
    [InlineData("http://\uff27\uff4f\uff0ecom/", "http://go.com/")]
    [InlineData("http://u\u0308.de/", "http://xn--tda.de/")]
    [InlineData("http://\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com/", "http://xn--mgba3gch31f060k.com/")]
    [InlineData("http://\u05d0\u05d1.example/", "http://xn--4dbc.example/")]
    [InlineData("http://\u05d01.\u05d0/", "http://xn--1-zhc.xn--4db/")]
    [InlineData("http://a/%2e%2E/x/%2e", "http://a/x/")]
    [InlineData("mailto:a@b c", "mailto:a@b c")]
    [InlineData("file:///C|/x", "file:///C:/x")]
    [InlineData("http://user:p@ss@host/", "http://user:p%40ss@host/")]
    [InlineData("web+x:/..//not-a-host", "web+x:/.//not-a-host")]
    public void Text_is_parsed_as_browsers_do(string text, string expected) => Assert.Equal(expected, WebUrl.TryParse(text)?.ToString());

    [Theory]
    [InlineData("http://")]
    [InlineData("http://a b/")]
    [InlineData("http://256.1.1.1/")]
    [InlineData("http://1.2.3.4.5/")]
    [InlineData("http://[1::2::3]/")]
    [InlineData("http://a:99999/")]
    [InlineData("//example.org")]
    [InlineData("http://a%00b/")]
    [InlineData("http://xn--a.\u00e9/")]
    [InlineData("http://\u00e0\u05d0/")]
    [InlineData("http://0\u00e0.\u05d0/")]
    [InlineData("http://\u05d0a/")]
    [InlineData("http://a\u200cb/")]
    [InlineData("http://a\u200db\u00e9/")]
    [InlineData("http://\u0627\u0661b.com/")]
    public void What_browsers_do_not_open_is_null(string text) => Assert.Null(WebUrl.TryParse(text));

    [Theory]
    [InlineData("../x?y", "http://a/x?y")]
    [InlineData("?q", "http://a/b/c?q")]
    [InlineData("#f", "http://a/b/c?d#f")]
    [InlineData("//h/x", "http://h/x")]
    [InlineData("\\\\h\\x", "http://h/x")]
    [InlineData("", "http://a/b/c?d")]
    public void Relative_text_is_resolved(string text, string expected) =>
        Assert.Equal(expected, WebUrl.TryParse(text, WebUrl.TryParse("http://a/b/c?d"))?.ToString());

    [Theory]
    [InlineData("HTTP://www.Example.org.:80/%7Ea/%c3%a9?b=%2f#x", "http://www.example.org/~a/%C3%A9?b=%2F")]
    [InlineData("http://a/x;jsessionid=1A2B?utm_source=y&id=3&PHPSESSID=z", "http://a/x?id=3")]
    [InlineData("http://a/?", "http://a/")]
    [InlineData("http://a/?sid=7", "http://a/?sid=7")]
    [InlineData("http://a//b//?x&y", "http://a//b//?x&y")]
    public void Canonical_address_has_one_spelling(string text, string expected)
    {
        var canonical = CanonicalAddress.TryParse(text);

        Assert.Equal(expected, canonical?.ToString());
        Assert.Equal(expected, CanonicalAddress.TryParse(canonical!.ToString())?.ToString());
    }

    /// <summary>The query of a link is written in the encoding of its page, the rest of it never.</summary>
    [Theory]
    [InlineData(1251, "http://a/%D0%BF?%EF#%D0%BF")]
    [InlineData(28591, "http://a/%D0%BF?%26%231087%3B#%D0%BF")]
    [InlineData(65001, "http://a/%D0%BF?%D0%BF#%D0%BF")]
    public void Query_is_written_in_the_encoding_of_the_page(int codePage, string expected)
    {
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(codePage) ?? Encoding.GetEncoding(codePage);

        Assert.Equal(expected, WebUrl.TryParse("http://a/\u043f?\u043f#\u043f", null, encoding)?.ToString());
    }

    [Theory]
    [InlineData("ftp://a/")]
    [InlineData("http://u:p@a/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,x")]
    public void Addresses_that_nobody_may_fetch_have_no_canonical_one(string text) => Assert.Null(CanonicalAddress.TryParse(text));

    [Fact]
    public void Web_platform_tests_pass()
    {
        var path = SharedFiles.Find("conformance", "web", "url", "urltestdata.json");
        Assert.SkipWhen(path is null, "The web platform tests are not there.");

        using var document = JsonDocument.Parse(File.ReadAllBytes(path!));
        var (wrong, count) = (new List<string>(), 0);
        foreach (var test in document.RootElement.EnumerateArray().Where(test => test.ValueKind == JsonValueKind.Object))
        {
            count++;
            var input = test.GetProperty("input").GetString()!;
            var relative = test.TryGetProperty("base", out var given) && given.ValueKind == JsonValueKind.String
                ? WebUrl.TryParse(given.GetString()!)
                : null;
            var url = WebUrl.TryParse(input, relative);
            if (test.TryGetProperty("failure", out _) ? url is not null : url is null || !IsAsExpected(url, test))
            {
                wrong.Add($"{JsonSerializer.Serialize(input)} on {given} is {url?.ToString() ?? "none"}, not {Text(test, "href")}");
            }
        }

        Assert.True(count > 600);
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count}:\n{string.Join('\n', wrong)}");
    }

    static bool IsAsExpected(WebUrl url, JsonElement test) =>
        url.ToString() == Text(test, "href") && url.Scheme + ":" == Text(test, "protocol") && url.Username == Text(test, "username")
        && url.Password == Text(test, "password") && url.Authority == Text(test, "host") && (url.Host ?? "") == Text(test, "hostname")
        && (url.Port?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "") == Text(test, "port")
        && url.Path == Text(test, "pathname") && (url.Query is { Length: > 0 } query ? "?" + query : "") == Text(test, "search")
        && (url.Fragment is { Length: > 0 } fragment ? "#" + fragment : "") == Text(test, "hash");

    static string? Text(JsonElement test, string name) => test.TryGetProperty(name, out var value) ? value.GetString() : null;
}
