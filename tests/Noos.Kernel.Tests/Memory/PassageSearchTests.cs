using Noos.Kernel.Memory;

namespace Noos.Kernel.Tests.Memory;

public sealed class PassageSearchTests
{
    [Fact]
    public void Best_passages_come_first_in_any_ending_of_their_words_and_fit()
    {
        var search = new PassageSearch();
        search.Add(1, string.Concat(Enumerable.Repeat("The weather was fine and nobody said much. ", 60)));
        search.Add(2, "My sister keeps two parrots. " + string.Concat(Enumerable.Repeat("They were loud that day. ", 40)));
        search.Add(3, "A parrot cannot sing.");

        var found = search.Find("what parrots does the sister keep?", 600);

        Assert.Equal(2, found[0].Page);
        Assert.StartsWith("My sister keeps two parrots.", found[0].Text, StringComparison.Ordinal);
        Assert.InRange(found.Sum(passage => passage.Text.Length), 1, 600);
        Assert.Empty(search.Find("zebra", 600));
        Assert.Empty(search.Find("", 600));
    }

    [Fact]
    public void Scripts_without_spaces_are_searched_by_their_signs()
    {
        var search = new PassageSearch();
        search.Add(1, "今日は雨です。");
        search.Add(2, "鍵は箱の中です。");

        Assert.Equal(2, search.Find("鍵はどこ", 100)[0].Page);
    }
}
