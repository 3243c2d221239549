using Noos.Corpus.Crawling.OptOuts;

namespace Noos.Corpus.Tests.Crawling;

public sealed class OptOutReaderTests
{
    [Theory]
    [InlineData("robots", "noindex, NoFollow", OptOut.NoIndex | OptOut.NoFollow)]
    [InlineData("ROBOTS", "none", OptOut.NoIndex | OptOut.NoFollow)]
    [InlineData("robots", "noai noimageai", OptOut.NoAi | OptOut.NoImageAi)]
    [InlineData("noos", "nocache", OptOut.NoArchive)]
    [InlineData("otherbot", "noindex", OptOut.None)]
    [InlineData("robots", "index, follow, max-snippet:-1", OptOut.None)]
    [InlineData("tdm-reservation", "1", OptOut.Tdm)]
    [InlineData("tdm-reservation", "0", OptOut.None)]
    [InlineData("description", "noindex", OptOut.None)]
    public void Meta_element_is_read(string name, string content, OptOut expected) =>
        Assert.Equal(expected, OptOutReader.ReadMeta(name, content, "noos"));

    [Theory]
    [InlineData("X-Robots-Tag", "noindex", OptOut.NoIndex)]
    [InlineData("x-robots-tag", "googlebot: noindex, noos: noarchive", OptOut.NoArchive)]
    [InlineData("X-Robots-Tag", "googlebot: noindex, nofollow", OptOut.None)]
    [InlineData("X-Robots-Tag", "unavailable_after: 25 Jun 2030 15:00:00 PST, noai", OptOut.NoAi)]
    [InlineData("TDM-Reservation", "1", OptOut.Tdm)]
    [InlineData("Content-Signal", "search=yes, ai-train=no, ai-input=no", OptOut.NoTraining | OptOut.NoAiInput)]
    [InlineData("Content-Usage", "train-ai=n", OptOut.NoTraining)]
    [InlineData("X-Other", "noindex", OptOut.None)]
    public void Header_is_read(string name, string value, OptOut expected) =>
        Assert.Equal(expected, OptOutReader.ReadHeader(name, value, "noos"));

    [Theory]
    [InlineData("/free/x", OptOut.None)]
    [InlineData("/all/x", OptOut.Tdm)]
    [InlineData("/other", OptOut.None)]
    public void First_rule_of_a_TDM_file_that_fits_counts(string path, OptOut expected) => Assert.Equal(expected, OptOutReader.ReadTdmFile(
        """
        [{"location": "/free/*", "tdm-reservation": 0}, {"location": "/free", "tdm-reservation": 1},
         {"location": "/all/", "tdm-reservation": 1, "tdm-policy": "https://example.org/policy"}]
        """u8.ToArray(), path));

    [Theory]
    [InlineData("<html>")]
    [InlineData("{}")]
    [InlineData("[1, {\"location\": 2}]")]
    public void What_is_no_TDM_file_reserves_nothing(string text) =>
        Assert.Equal(OptOut.None, OptOutReader.ReadTdmFile(System.Text.Encoding.UTF8.GetBytes(text), "/"));

    [Fact]
    public void Words_come_back_as_they_were()
    {
        const OptOut All = (OptOut)1023;
        Assert.Equal(All, OptOutNames.Parse(OptOutNames.Format(All)));
    }
}
