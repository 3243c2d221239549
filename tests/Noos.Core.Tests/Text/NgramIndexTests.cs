using Noos.Core.Text;

namespace Noos.Core.Tests.Text;

public sealed class NgramIndexTests
{
    static readonly NgramIndex s_index = new(
    [
        "What is the capital of the country that lies between France and Spain?", "Who are you?",
        "How many apples are left when the gardener has given nine of the thirty to each of his three neighbours?",
    ]);

    [Theory]
    [InlineData(1, "Q: what is the capital of the country, that lies between France and Spain - Andorra.")]
    [InlineData(1, "It asks how many apples are left when the gardener has given nine of the ninety.")]
    [InlineData(0, "It asks how many apples are left when the gardener has given none of the thirty.")]
    [InlineData(0, "Who are you? What is the capital of the country that lies between Chile and Peru?")]
    [InlineData(0, "")]
    public void Text_that_holds_a_passage_is_found(int expected, string text)
    {
        Assert.Equal(2, s_index.Count);
        Assert.Equal(expected, s_index.CountIn(text));
        Assert.Equal(expected > 0, s_index.IsIn(text));
    }

    [Fact]
    public void Shorter_runs_find_more()
    {
        var index = new NgramIndex(["The cat sat on the mat and looked at the moon"], length: 4);

        Assert.True(index.IsIn("my dog sat on the mat"));
        Assert.False(NgramIndex.Empty.IsIn("my dog sat on the mat"));
    }
}
