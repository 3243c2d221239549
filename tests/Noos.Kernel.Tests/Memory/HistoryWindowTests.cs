using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Memory;

namespace Noos.Kernel.Tests.Memory;

public sealed class HistoryWindowTests
{
    // One token a character of text: lengths are easy to see.
    static int[] Render(Conversation conversation) =>
        [.. conversation.Messages.SelectMany(message => message.Parts).SelectMany(part => part switch
        {
            TextPart text => text.Text,
            ToolResultPart result => result.Text,
            _ => "",
        }).Select(letter => (int)letter)];

    static string Fit(Conversation conversation, int limit) =>
        string.Concat(HistoryWindow.Fit(conversation, Render, limit).Select(token => (char)token));

    static readonly Conversation s_long = Conversation.From(
        Message.System("S"),
        Message.User("aaa"),
        Message.Assistant(new ToolCallPart("t", JsonElement.Parse("{}"))),
        Message.Tool(new ToolResultPart("t", "bbb")),
        Message.Assistant("ccc"),
        Message.User("ddd"),
        Message.Assistant("eee"),
        Message.User("fff"));

    [Theory]
    [InlineData(100, "Saaabbbcccdddeeefff")]
    [InlineData(19, "Saaabbbcccdddeeefff")]
    [InlineData(18, "Sdddeeefff")]
    [InlineData(10, "Sdddeeefff")]
    [InlineData(9, "Sfff")]
    [InlineData(4, "Sfff")]
    public void Oldest_turns_go_first_and_the_system_message_stays(int limit, string kept) => Assert.Equal(kept, Fit(s_long, limit));

    [Theory]
    [InlineData(9, 18, Truncation.Auto, 9, 6)]
    [InlineData(3, 6, Truncation.Auto, 4, 6)]
    [InlineData(4, 19, Truncation.Disabled, 19, 0)]
    public void What_is_left_out_is_told_and_a_short_answer_is_better_than_none(
        int limit, int max, Truncation truncation, int length, int omitted)
    {
        var tokens = HistoryWindow.Fit(s_long, Render, limit, max, truncation, out var left);

        Assert.Equal((Math.Min(length, tokens.Length), omitted), (tokens.Length, left));
    }

    [Fact]
    public void Nothing_is_left_out_where_that_is_not_allowed()
    {
        var refusal = Assert.Throws<NoosException>(() => HistoryWindow.Fit(s_long, Render, 4, 18, Truncation.Disabled, out _));

        Assert.Equal(("context_length_exceeded", "messages"), (refusal.Code, refusal.Parameter));
    }

    [Fact]
    public void Last_turn_that_is_too_long_is_refused() =>
        Assert.Contains("at most 3", Assert.Throws<NoosException>(() => Fit(s_long, 3)).Message, StringComparison.Ordinal);

    [Fact]
    public void Long_history_is_cut_with_a_few_renderings()
    {
        var conversation = new Conversation([.. Enumerable.Range(0, 4000).Select(index =>
            index % 2 == 0 ? Message.User("q") : Message.Assistant("a"))]);
        var renderings = 0;

        var tokens = HistoryWindow.Fit(conversation, Count, limit: 1001, max: 2000, Truncation.Auto, out var omitted);

        Assert.Equal(1000, tokens.Length);
        Assert.Equal(3000, omitted);
        Assert.InRange(renderings, 1, 15);

        int[] Count(Conversation fitting)
        {
            renderings++;
            return new int[fitting.Messages.Count];
        }
    }
}
