using Noos.Factory.Collection;

namespace Noos.Factory.Tests.Collection;

public sealed class NearDuplicateIndexTests
{
    static string Text(int seed, int words = 60) => string.Join(
        ' ', Enumerable.Range(0, words).Select(word => $"w{new Random((seed * 1000) + word).Next(5000)}"));

    [Fact]
    public void Text_with_few_other_words_is_the_same_and_one_of_many_others_is_not()
    {
        var index = new NearDuplicateIndex(0.8);
        for (var seed = 0; seed < 200; seed++)
        {
            Assert.True(index.Add(Text(seed)));
        }

        for (var seed = 0; seed < 200; seed++)
        {
            // One word of sixty: 55 of 61 runs are the same.
            Assert.False(index.Add(Text(seed).Replace(" w", " W", StringComparison.Ordinal) + " more"));
            Assert.True(index.Add(string.Join(' ', Text(seed).Split(' ').Chunk(4).SelectMany(four => four.Reverse()))));
        }
    }

    [Theory]
    [InlineData("Yes.", "yes", false)]
    [InlineData("Yes.", "No.", true)]
    [InlineData("2 + 2 is 4", "2 + 3 is 5", true)]
    [InlineData("", "", false)]
    public void Short_texts_are_compared_as_a_whole(string one, string other, bool isNew)
    {
        var index = new NearDuplicateIndex(0.8);
        index.Add(one);

        Assert.Equal(isNew, index.Add(other));
    }
}
