using System.Globalization;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Memory;

namespace Noos.Kernel.Tests.Memory;

public sealed class ContextWindowTests
{
    static readonly Conversation s_long = Conversation.From(
        Message.System("S"),
        Message.User("aaa"),
        Message.Assistant(new ToolCallPart("t", JsonElement.Parse("{}"))),
        Message.Tool(new ToolResultPart("t", "bbb")),
        Message.Assistant("ccc"),
        Message.User("ddd"),
        Message.Assistant("eee"),
        Message.User("fff"));

    // One token a character of text: lengths are easy to see.
    static string TextOf(Part part) => part switch
    {
        TextPart text => text.Text,
        ToolResultPart result => result.Text,
        FilePart file => file.Text ?? "",
        _ => "",
    };

    static int[] Render(Conversation conversation) =>
        [.. conversation.Messages.SelectMany(message => message.Parts).SelectMany(TextOf).Select(letter => (int)letter)];

    // Four characters a token, with markup and calls, as with real models.
    static int[] RenderAll(Conversation conversation) =>
    [
        .. conversation.Messages.SelectMany(message => $"<|{message.Role}|>" + string.Concat(message.Parts.Select(
            part => part is ToolCallPart call ? $"({call.Name} {call.Arguments.GetRawText()})" : TextOf(part)))).Chunk(4)
            .Select(letters => letters.Aggregate(0, (token, letter) => (token * 31) + letter)),
    ];

    static int Length(Part part) => part is ToolCallPart call ? call.Arguments.GetRawText().Length : TextOf(part).Length;

    static int CountAll(Part part) => (Length(part) + 3) / 4;

    static int Count(Part part) => Length(part);

    static FittedContext Fit(Conversation conversation, int limit, int? max = null) =>
        new ContextWindow(RenderAll, CountAll, limit, max ?? limit + (limit / 3)).Fit(conversation);

    static string Read(FittedContext context) =>
        string.Concat(context.Shown.Messages.Select(message => $"<{message.Role}>{string.Concat(message.Parts.Select(TextOf))}"));

    [Theory]
    [InlineData(100, "Saaabbbcccdddeeefff")]
    [InlineData(19, "Saaabbbcccdddeeefff")]
    [InlineData(18, "Sdddeeefff")]
    [InlineData(10, "Sdddeeefff")]
    [InlineData(9, "Sfff")]
    [InlineData(4, "Sfff")]
    public void Oldest_turns_go_first_and_the_system_message_stays(int limit, string kept) =>
        Assert.Equal(
            kept, string.Concat(new ContextWindow(Render, Count, limit, limit).Fit(s_long).Tokens.Select(token => (char)token)));

    [Theory]
    [InlineData(9, 18, Truncation.Auto, 4, 6, 15)]
    [InlineData(3, 6, Truncation.Auto, 4, 6, 15)]
    [InlineData(4, 19, Truncation.Disabled, 19, 0, 0)]
    public void What_is_left_out_is_told_and_a_short_answer_is_better_than_none(
        int limit, int max, Truncation truncation, int length, int omitted, int pagedOut)
    {
        var context = new ContextWindow(Render, Count, limit, max) { Truncation = truncation }.Fit(s_long);

        // The call has two characters of arguments.
        Assert.Equal(
            (length, omitted, pagedOut == 0 ? 0 : pagedOut + 2),
            (context.Tokens.Length, context.OmittedMessages, context.PagedOutTokens));
    }

    [Fact]
    public void Nothing_is_left_out_where_that_is_not_allowed()
    {
        var window = new ContextWindow(Render, Count, 4, 18) { Truncation = Truncation.Disabled };

        var refusal = Assert.Throws<NoosException>(() => window.Fit(s_long));

        Assert.Equal(("context_length_exceeded", "messages"), (refusal.Code, refusal.Parameter));
    }

    [Fact]
    public void Last_turn_that_is_too_long_is_refused() => Assert.Contains(
        "at most 3", Assert.Throws<NoosException>(() => new ContextWindow(Render, Count, 3, 3).Fit(s_long)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Long_history_is_cut_with_a_few_renderings()
    {
        var conversation = new Conversation([.. Enumerable.Range(0, 4000).Select(index =>
            index % 2 == 0 ? Message.User("q") : Message.Assistant("a"))]);
        var renderings = 0;

        var context = new ContextWindow(Length, Count, limit: 1001, max: 2000).Fit(conversation);

        Assert.InRange(context.Tokens.Length, 1001 * 2 / 3, 1001);
        Assert.Equal(4000 - context.Tokens.Length, context.OmittedMessages);
        Assert.InRange(renderings, 1, 8);

        int[] Length(Conversation fitting)
        {
            renderings++;
            return new int[fitting.Messages.Count];
        }
    }

    [Fact]
    public void Room_is_made_rarely_and_what_was_read_stays_readable_in_between()
    {
        var messages = new List<Message> { Message.System("You help.") };
        int[] before = [];
        var readings = 0;
        for (var turn = 0; turn < 200; turn++)
        {
            var question = Message.User($"Question {turn} {new string((char)('a' + (turn % 26)), 300)}");
            messages.Add(question);
            var tokens = Fit(new Conversation([.. messages]), 7680).Tokens;
            Assert.InRange(tokens.Length, 1, 7680);

            // An answer, the question and their markup are new.
            readings += tokens.Length - tokens.AsSpan().CommonPrefixLength(before) > 200 ? 1 : 0;
            before = tokens;
            messages.Add(Message.Assistant($"Answer {turn} {new string('x', 300)}"));
        }

        Assert.InRange(readings, 5, 20);
    }

    [Fact]
    public void Same_conversation_sent_anew_loses_the_same()
    {
        var first = Fit(Talk(60), 600);
        var second = Fit(Talk(60), 600);

        Assert.Equal(first.Tokens, second.Tokens);
        Assert.True(first.OmittedMessages > 0);
    }

    [Fact]
    public void Old_results_of_the_turn_under_way_become_stubs_and_the_last_stays()
    {
        var messages = new List<Message> { Message.User("Read all pages.") };
        for (var page = 0; page < 12; page++)
        {
            messages.Add(Message.Assistant(new ToolCallPart("open", JsonElement.Parse($$"""{"page":{{page}}}"""), $"c{page}")));
            messages.Add(Message.Tool(new ToolResultPart("open", $"page{page} {new string('p', 1200)}", CallId: $"c{page}")));
            var context = new ContextWindow(RenderAll, CountAll, 1500, 2000) { CanRecall = true }.Fit(new Conversation([.. messages]));
            var text = Read(context);

            Assert.InRange(context.Tokens.Length, 1, 1500);
            Assert.Contains("Read all pages.", text, StringComparison.Ordinal);
            Assert.Contains($"page{page} ppp", text, StringComparison.Ordinal);
            RequireWhole(context);
        }

        var last = Read(new ContextWindow(RenderAll, CountAll, 1500, 2000) { CanRecall = true }.Fit(new Conversation([.. messages])));
        Assert.Contains("[A result of open, 302 tokens, is paged out. recall finds it: page 3]", last, StringComparison.Ordinal);
    }

    [Fact]
    public void Endless_rounds_of_calls_lose_the_oldest_whole()
    {
        var messages = new List<Message> { Message.User("Go on for ever.") };
        for (var round = 0; round < 100; round++)
        {
            messages.Add(Message.Assistant(new ToolCallPart("step", JsonElement.Parse($$"""{"n":{{round}}}"""), $"c{round}")));
            messages.Add(Message.Tool(new ToolResultPart("step", $"done {round}", CallId: $"c{round}")));
        }

        var context = Fit(new Conversation(messages), 500);

        Assert.InRange(context.Tokens.Length, 1, 500);
        Assert.Contains("done 99", Read(context), StringComparison.Ordinal);
        Assert.DoesNotContain("done 0<", Read(context), StringComparison.Ordinal);
        RequireWhole(context);
    }

    [Fact]
    public void Page_larger_than_the_window_stays_in_part_with_a_note_also_in_later_turns()
    {
        var giant = $"BEGIN{new string('g', 20_000)}END";
        var file = Message.User("See") with { Parts = [new FilePart("f", "book.txt", Text: giant), new TextPart("What is it?")] };
        Conversation[] talks =
        [
            Conversation.From(file),
            Conversation.From(file, Message.Assistant("A book."), Message.User("And how does it end?")),
            Conversation.From(Message.User(giant)),
            Conversation.From(
                Message.User("Open."), Message.Assistant(new ToolCallPart("open", JsonElement.Parse("{}"), "c")),
                Message.Tool(new ToolResultPart("open", giant, CallId: "c"))),
        ];
        foreach (var talk in talks)
        {
            var context = Fit(talk, 1500);
            var text = Read(context);

            Assert.InRange(context.Tokens.Length, 500, 1500);
            Assert.Contains("BEGIN", text, StringComparison.Ordinal);
            Assert.Contains("END", text, StringComparison.Ordinal);
            Assert.Contains("tokens are paged out", text, StringComparison.Ordinal);
            Assert.Contains(context.Pages, page => page.State == PageState.Part && page.PagedOutTokens > 4000);
        }
    }

    [Fact]
    public void Pinned_page_stays_with_what_it_needs_and_a_dropped_one_leaves_a_stub()
    {
        var talk = Talk(40);
        var pages = new ContextWindow(RenderAll, CountAll, 100_000, 100_000).Fit(talk).Pages;
        var result = pages.First(page => page.Part is ToolResultPart).Number;
        var question = pages.Last(page =>
            page.Part is TextPart && talk.Messages[page.Message].Role == Role.User && page.Number < pages.Count - 4);
        var context = new ContextWindow(RenderAll, CountAll, 600, 800)
        {
            Marks = new Dictionary<int, PageMark> { [result] = PageMark.Pinned, [question.Number] = PageMark.Dropped },
        }.Fit(talk);

        Assert.Equal(PageState.In, context.Pages[result - 1].State);
        Assert.Equal(PageState.Out, context.Pages[question.Number - 1].State);
        Assert.DoesNotContain(((TextPart)question.Part).Text, Read(context), StringComparison.Ordinal);
        RequireWhole(context);
    }

    [Fact]
    public void Random_conversations_never_overflow_and_no_call_is_parted_from_its_result()
    {
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var talk = RandomTalk(random);
            var limit = random.Next(400, 2500);
            var marks = new Dictionary<int, PageMark>();
            var pages = talk.Messages.SelectMany(message => message.Parts.Select(part => (message.Role, Part: part))).ToArray();
            for (var number = 1; number <= pages.Length; number++)
            {
                if (random.Next(20) == 0 && pages[number - 1] is var page && page.Role != Role.System && CountAll(page.Part) < limit / 20)
                {
                    marks[number] = random.Next(2) == 0 || page.Part is ToolCallPart ? PageMark.Pinned : PageMark.Dropped;
                }
            }

            var window = new ContextWindow(RenderAll, CountAll, limit, limit + (limit / 3)) { Marks = marks, CanRecall = round % 2 == 0 };
            FittedContext context;
            try
            {
                context = window.Fit(talk);
            }
            catch (NoosException e) when (e.Code == NoosException.ContextLengthExceeded)
            {
                // Only where a person has pinned a good part of it.
                Assert.True(marks.Values.Count(mark => mark == PageMark.Pinned) > 3);
                continue;
            }

            Assert.InRange(context.Tokens.Length, 1, limit + (limit / 3));
            Assert.Equal(RenderAll(context.Shown), context.Tokens);
            RequireWhole(context);
            Assert.Equal(Enumerable.Range(1, pages.Length), context.Pages.Select(page => page.Number));
            Assert.All(
                context.Pages.Where(page => talk.Messages[page.Message].Role == Role.System
                    || marks.GetValueOrDefault(page.Number) == PageMark.Pinned),
                page => Assert.Equal(PageState.In, page.State));
            Assert.Contains(context.Shown.Messages, message => message.Role == Role.User);
        }
    }

    /// <summary>Every call has its result, and every result its call, in the messages behind it.</summary>
    static void RequireWhole(FittedContext context)
    {
        var calls = context.Shown.Messages.SelectMany(message => message.Parts).OfType<ToolCallPart>().Select(call => call.CallId);
        var results = context.Shown.Messages.SelectMany(message => message.Parts).OfType<ToolResultPart>().Select(result => result.CallId);
        Assert.Equal(calls, results);
    }

    static Conversation Talk(int turns) => new(
    [
        Message.System("You help."),
        .. Enumerable.Range(0, turns).SelectMany<int, Message>(turn => turn % 3 == 0
            ? [
                Message.User($"Question {turn} {new string('q', 50)}"),
                Message.Assistant(new ToolCallPart("look", JsonElement.Parse($$"""{"n":{{turn}}}"""), $"c{turn}")),
                Message.Tool(new ToolResultPart("look", $"found {turn} {new string('r', 80)}", CallId: $"c{turn}")),
                Message.Assistant($"Answer {turn}"),
            ]
            : [Message.User($"Question {turn} {new string('q', 50)}"), Message.Assistant($"Answer {turn} {new string('a', 50)}")]),
        Message.User("The last question"),
    ]);

    static Conversation RandomTalk(Random random)
    {
        var messages = new List<Message>();
        var calls = 0;
        if (random.Next(2) == 0)
        {
            messages.Add(Message.System(Words(60)));
        }

        for (var turn = random.Next(1, 12); turn > 0; turn--)
        {
            messages.Add(random.Next(6) == 0
                ? Message.User("") with { Parts = [new FilePart("f", "a.txt", Text: Words(6000)), new TextPart(Words(50))] }
                : Message.User(Words(random.Next(10) == 0 ? 5000 : 200)));
            for (var round = random.Next(random.Next(8) == 0 ? 30 : 3); round > 0; round--)
            {
                ToolCallPart[] made = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => new ToolCallPart(
                    "t", JsonElement.Parse(string.Create(CultureInfo.InvariantCulture, $$"""{"q":"{{Words(30)}}"}""")), $"c{calls++}"))];
                messages.Add(Message.Assistant([.. random.Next(2) == 0 ? [new TextPart(Words(40))] : Array.Empty<Part>(), .. made]));
                var results = made.Select(call => new ToolResultPart("t", Words(random.Next(4) == 0 ? 3000 : 100), CallId: call.CallId));
                messages.AddRange(random.Next(2) == 0
                    ? results.Select(Message.Tool)
                    : [new Message(Role.Tool, [.. results])]);
            }

            if (turn > 1 || random.Next(3) == 0)
            {
                messages.Add(Message.Assistant(Words(300)));
            }
        }

        return new Conversation(messages);

        string Words(int max)
        {
            var length = random.Next(1, max + 1);
            return string.Concat(Enumerable.Range(0, length).Select(index => index % 7 == 6 ? ' ' : (char)('a' + random.Next(26))));
        }
    }
}
