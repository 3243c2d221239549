using Noos.Tools.Browse;

namespace Noos.Tools.Tests.Browse;

public sealed class TextPagerTests
{
    [Theory]
    [InlineData("", 1)]
    [InlineData("short", 1)]
    [InlineData("one two three four five six seven eight", 2)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 4)]
    public void Text_is_cut_into_pages(string text, int pages) => Assert.Equal(pages, TextPager.Cut(text, 20).Count);

    [Fact]
    public void Pages_end_between_paragraphs_where_they_can() =>
        Assert.Equal(["one two three", "four five six"], TextPager.Cut("one two three\n\nfour five six", 20));

    [Fact]
    public void No_character_is_cut_in_two()
    {
        var pages = TextPager.Cut("a" + string.Concat(Enumerable.Repeat("😀", 100)), 20);

        Assert.All(pages, page => Assert.False(char.IsLowSurrogate(page[0]) || char.IsHighSurrogate(page[^1])));
        Assert.Equal(201, pages.Sum(page => page.Length));
    }

    [Fact]
    public void Nothing_but_white_space_is_lost()
    {
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(300)).Select(_ => "ab c.\n"[random.Next(6)]));
            var pages = TextPager.Cut(text, random.Next(16, 60));
            Assert.Equal(Solid(text), Solid(string.Concat(pages)));
        }

        static string Solid(string text) => text.Replace(" ", "").Replace("\n", "");
    }
}
