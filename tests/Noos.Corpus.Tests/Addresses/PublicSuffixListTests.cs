using System.Text.RegularExpressions;
using Noos.Corpus.Addresses;
using Noos.Testing;

namespace Noos.Corpus.Tests.Addresses;

public sealed partial class PublicSuffixListTests
{
    [Theory]
    [InlineData("a.b.example.com", "example.com")]
    [InlineData("a.b.example.ck", "b.example.ck")]
    [InlineData("www.ck", "www.ck")]
    [InlineData("x.www.ck", "www.ck")]
    [InlineData("a.city.kobe.jp", "city.kobe.jp")]
    [InlineData("example.unlisted", "example.unlisted")]
    [InlineData("com", null)]
    [InlineData("kobe.jp", "kobe.jp")]
    [InlineData("c.kobe.jp", null)]
    [InlineData("127.0.0.1", null)]
    [InlineData("[::1]", null)]
    public void Domain_is_what_somebody_has_registered(string host, string? expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("list.dat"), "// comment\ncom\n*.ck\n!www.ck\njp\n*.kobe.jp\n!city.kobe.jp\n");

        Assert.Equal(expected, PublicSuffixList.Load(folder.File("list.dat")).FindDomain(host));
    }

    [Fact]
    public void List_that_is_always_there_has_the_usual_suffixes()
    {
        Assert.Equal("example.co.uk", PublicSuffixList.Default.DomainOf("www.example.co.uk"));
        Assert.Equal("127.0.0.1", PublicSuffixList.Default.DomainOf("127.0.0.1"));
    }

    [Fact]
    public void Tests_of_the_list_pass()
    {
        var list = SharedFiles.Find("conformance", "web", "psl", "public_suffix_list.dat");
        var tests = SharedFiles.Find("conformance", "web", "psl", "test_psl.txt");
        Assert.SkipWhen(list is null || tests is null, "The public suffix list and its tests are not there.");

        var suffixes = PublicSuffixList.Load(list!);
        var count = 0;
        foreach (Match test in Check().Matches(File.ReadAllText(tests!)))
        {
            count++;
            var (given, expected) = (test.Groups["given"].Value, test.Groups["expected"]);
            var host = WebUrl.TryParse($"http://{given}/")?.Host;
            var wanted = expected.Success ? WebUrl.TryParse($"http://{expected.Value}/")?.Host : null;
            Assert.Equal((given, wanted), (given, host is null ? null : suffixes.FindDomain(host)));
        }

        Assert.True(count > 70);
    }

    [GeneratedRegex(
        @"^checkPublicSuffix\('(?<given>[^']*)', (?:'(?<expected>[^']*)'|null)\);"
        + @"|^(?!checkPublicSuffix)(?<given>[^\s/]\S*)\s+(?:null|(?<expected>\S+))\s*$",
        RegexOptions.Multiline, 10_000)]
    private static partial Regex Check();
}
