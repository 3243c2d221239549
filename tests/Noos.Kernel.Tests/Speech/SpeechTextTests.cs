using CsCheck;
using Noos.Kernel.Speech;

namespace Noos.Kernel.Tests.Speech;

/// <summary>Sentences of texts, also of texts that are still being written.</summary>
public sealed class SpeechTextTests
{
    [Theory]
    [InlineData("One. Two! Three? Four", "One.|Two!|Three?|Four")]
    [InlineData("Dr. Smith paid $3.50 to J. R. Jones. He left.", "Dr. Smith paid $3.50 to J. R. Jones.|He left.")]
    [InlineData("He said \"No.\" Then he went.", "He said \"No.\"|Then he went.")]
    [InlineData("Wait... what?! Really.", "Wait...|what?!|Really.")]
    [InlineData("A heading\n\nAnd text that\ngoes on. End.", "A heading|And text that goes on.|End.")]
    [InlineData("First line\nSecond line", "First line|Second line")]
    [InlineData("At 5 p.m. it ends.", "At 5 p.m. it ends.")]
    [InlineData(" \n ... \n", "")]
    public void Text_is_split_where_somebody_takes_a_breath(string text, string sentences) =>
        Assert.Equal(sentences, string.Join('|', SentenceSplitter.Split(text)));

    [Fact]
    public void Text_that_comes_in_pieces_has_the_same_sentences() =>
        Gen.Select(Gen.String[Gen.Char["ab. !?\nDr"], 0, 60], Gen.Int[1, 7]).Sample((text, size) =>
        {
            var splitter = new SentenceSplitter();
            var sentences = text.Chunk(size).SelectMany(chunk => splitter.Push(new string(chunk))).ToList();
            if (splitter.Flush() is { } last)
            {
                sentences.Add(last);
            }

            Assert.Equal(SentenceSplitter.Split(text), sentences);
        }, iter: 5000);

    [Theory]
    [InlineData("**Bold** and *soft* `code`", "Bold and soft code")]
    [InlineData("# Title\nText", "Title\nText")]
    [InlineData("- one\n- two", " one\n two")]
    [InlineData("See [the page](https://example.org/x).", "See the page.")]
    [InlineData("A\n```js\nlet x = 1;\n```\nB", "A\n\nCode is left out.\n\nB")]
    [InlineData("> quoted", "quoted")]
    [InlineData("2 * 3 * 4", "2 * 3 * 4")]
    [InlineData("snake_case_name", "snake_case_name")]
    public void Marks_are_not_read(string markdown, string spoken) => Assert.Equal(spoken, SpokenMarkdown.Strip(markdown));

    [Fact]
    public void Any_text_is_stripped_and_split() =>
        Gen.String[Gen.Char["*_`#>|-[]()!\n ab."], 0, 80].Sample(text => SentenceSplitter.Split(SpokenMarkdown.Strip(text)), iter: 5000);
}
