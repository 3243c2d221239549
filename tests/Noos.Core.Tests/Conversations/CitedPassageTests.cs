using Noos.Core.Conversations;

namespace Noos.Core.Tests.Conversations;

/// <summary>What the numbers in an answer lead to.</summary>
public sealed class CitedPassageTests
{
    [Theory]
    [InlineData("Washington [1].", "11-14 A")]
    [InlineData("Washington[1], in 1789 [2].", "10-13 A", "23-26 B")]
    [InlineData("Both say so [1, 2].", "12-18 A", "12-18 B")]
    [InlineData("Both say so [2][1].", "12-15 B", "15-18 A")]
    [InlineData("Nobody [3] says [x] that [1.5] [].")]
    [InlineData("The list `x[1]` has it.")]
    [InlineData("```\nx[1]\n```\nIt is so [1].", "22-25 A")]
    [InlineData("It costs 3` and is so [1].", "22-25 A")]
    public void Marks_lead_to_what_was_read(string answer, params string[] expected)
    {
        var found = CitedPassage.Find(answer, [Result(Passage(1, "A"), Passage(2, "B"))]);

        Assert.Equal(expected, found.Select(cited => $"{cited.Start}-{cited.End} {cited.Text}"));
    }

    [Fact]
    public void Number_that_was_used_twice_is_the_one_that_was_read_last()
    {
        Message[] messages =
        [
            Message.User("Who?"), Message.Tool(Result(Passage(1, "old"), Passage(2, "kept"))), Message.Assistant("First [1]."),
            Message.Tool(Result(Passage(1, "new"))), Message.Assistant("He is [1], and she [2]."),
        ];

        Assert.Equal(["old"], CitedPassage.Find(messages, 2).Select(cited => cited.Text));
        Assert.Equal(["new", "kept"], CitedPassage.Find(messages, 4).Select(cited => cited.Text));
        Assert.Empty(CitedPassage.Find(messages, 0));
    }

    static ToolResultPart Result(params Part[] parts) => new("search", parts);

    static TextPart Passage(int number, string text) => new(text) { Citation = new Citation(number, text, $"https://{text}.example/") };
}
