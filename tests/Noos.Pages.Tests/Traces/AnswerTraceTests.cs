using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Pages.Traces;

namespace Noos.Pages.Tests.Traces;

/// <summary>What recorded events say about where the time went.</summary>
public sealed class AnswerTraceTests
{
    static readonly DateTimeOffset s_begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly ToolCallPart s_call = new("note", JsonElement.Parse("""{"text": "A"}"""), "c1");

    readonly List<JournalEntry> _entries = [];

    [Fact]
    public void Time_is_split_into_waiting_reading_thinking_writing_tools_and_persons()
    {
        At(0, new Said(Message.User("Well?")));
        At(50, new RunBegan(Model: "big"));
        At(1050, new Wrote("Hm", IsThought: true, [1, 2]));
        At(1550, new Wrote("I", IsThought: false, [3]));
        At(2050, Ran([new TextPart("I note"), s_call], null, new ProcessUsage(1200, 8)) with
        {
            CachedTokens = 1000,
            WaitedMilliseconds = 500,
        });
        At(2060, new ApprovalAsked(s_call, "remember A"));
        At(9060, new ApprovalDecided("c1", IsGranted: true, ApprovalScope.Once));
        At(9061, new CallBegan(s_call));
        At(9361, new CallEnded(Message.Tool(new ToolResultPart("note", "no room", IsError: true, "c1")), new ProcessUsage(Calls: 1)));
        At(9362, new RunBegan(Model: "big"));
        At(9462, new Wrote("No.", IsThought: false, [4, 5]));
        At(9562, Ran([new TextPart("No.")], "stop", new ProcessUsage(1300, 2)));

        var answer = Assert.Single(AnswerTrace.Fold(_entries));

        Assert.Equal(("Well?", "big", "Complete"), (answer.Question, answer.Model, answer.Outcome));
        Assert.Equal(TimeSpan.FromMilliseconds(1050), answer.TimeToFirstToken);
        Assert.Equal(
            [
                "Wait 0 50 Waits for its turn",
                "Wait 50 550 Waits for the model",
                "Read 550 1050 Reads 1,200 tokens, 1,000 of them known already",
                "Think 1050 1550 Thinks 2 tokens",
                "Write 1550 2050 Writes 6 tokens, with a call of note",
                "Person 2060 9060 Allowed by a person: remember A",
                "Call 9061 9361 Calls note(A) failed",
                "Read 9362 9462 Reads 1,300 tokens",
                "Write 9462 9562 Writes 2 tokens",
            ],
            answer.Spans.Select(Describe));
    }

    [Fact]
    public void Answer_under_way_has_a_stretch_that_is_open()
    {
        At(0, new Said(Message.User("Well?")));
        At(1, new RunBegan());
        At(101, new Wrote("One", IsThought: false, [1]));

        var spans = AnswerTrace.Fold(_entries).Single().SpansAt(s_begin.AddMilliseconds(501));

        Assert.Equal(["Read 1 101 Reads the prompt", "Write 101 501 Writes 1 token"], spans.Select(Describe));
        Assert.Equal([false, true], spans.Select(span => span.IsOpen));
    }

    [Fact]
    public void Question_that_waited_for_another_answer_counts_from_when_it_was_asked()
    {
        At(0, new Said(Message.User("One?")));
        At(1, new RunBegan());
        At(100, new Said(Message.User("Two?"), IsQueued: true));
        At(201, Ran([new TextPart("1")], "stop", new ProcessUsage(1, 1)));
        At(210, new RunBegan());
        At(310, new AnswerStopped(Message.Assistant("2"), [1], new ProcessUsage(0, 1)));

        var answers = AnswerTrace.Fold(_entries);

        Assert.Equal(["One?", "Two?"], answers.Select(answer => answer.Question));
        Assert.Equal("Stopped", answers[1].Outcome);
        Assert.Equal("Wait 100 210 Waits for its turn", Describe(answers[1].Spans[0]));
    }

    [Fact]
    public void Time_of_a_person_is_drawn_shortened()
    {
        DateTimeOffset At(double seconds) => s_begin.AddSeconds(seconds);
        var scale = new TraceScale(s_begin,
        [
            new(TraceSpanKind.Read, At(0), At(5), "reads"), new(TraceSpanKind.Person, At(5), At(3605), "asks"),
            new(TraceSpanKind.Write, At(3605), At(3610), "writes"),
        ]);

        Assert.True(scale.IsCut);
        Assert.Equal(12, scale.Length.TotalSeconds, 0.001);
        Assert.Equal(5 / 12.0, scale.PlaceOf(At(5)), 0.001);
        Assert.Equal(7 / 12.0, scale.PlaceOf(At(3605)), 0.001);
        Assert.Equal(1, scale.PlaceOf(At(3610)), 0.001);
        Assert.Equal([0, 2, 4, 6, 8, 10, 12], scale.Ticks().Select(tick => tick.TotalSeconds));
    }

    void At(int milliseconds, JournalEvent happened) =>
        _entries.Add(new JournalEntry(_entries.Count + 1, 1, s_begin.AddMilliseconds(milliseconds), happened));

    static RunEnded Ran(IReadOnlyList<Part> parts, string? finish, ProcessUsage usage) =>
        new(new Message(Role.Assistant, parts), finish, Seed: 1, TokenIds: [], usage);

    static string Describe(TraceSpan span) =>
        $"{span.Kind} {(span.Begin - s_begin).TotalMilliseconds} {(span.End - s_begin).TotalMilliseconds} {span.Label}"
        + (span.IsError ? " failed" : "");
}
