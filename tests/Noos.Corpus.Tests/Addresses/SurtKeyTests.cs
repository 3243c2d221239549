using Noos.Corpus.Addresses;

namespace Noos.Corpus.Tests.Addresses;

public sealed class SurtKeyTests
{
    [Theory]
    [InlineData("http://www.iana.org/", "org,iana)/")]
    [InlineData("https://www2.example.co.uk:8443/A/B/", "uk,co,example:8443)/a/b")]
    [InlineData("http://archive.org/goo/?b=2&a=1&a", "org,archive)/goo?a&a=1&b=2")]
    [InlineData("http://archive.org/goo/?", "org,archive)/goo")]
    [InlineData("http://archive.org//a//b/../c?PHPSESSID=0123456789abcdefghijklemopqrstuv&x", "org,archive)/a/c?x")]
    [InlineData("http://archive.org/x;jsessionid=0123456789abcdefghijklemopqrstuv", "org,archive)/x")]
    [InlineData("http://192.0.2.7/a", "192.0.2.7)/a")]
    [InlineData("http://archive.org/%7Efoo/%20bar", "org,archive)/~foo/%20bar")]
    [InlineData("urn:X:y", "urn:x:y")]
    public void Key_is_that_of_the_archives(string address, string expected) => Assert.Equal(expected, SurtKey.From(address));
}
