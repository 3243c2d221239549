using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Tracing;
using Noos.Testing;

namespace Noos.Kernel.Tests.Agents;

public sealed class AssistantTests
{
    static readonly ScriptedTool s_add = new(
        "add",
        arguments => $"{arguments.GetProperty("a").GetInt32() + arguments.GetProperty("b").GetInt32()}",
        """{"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]}""");

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static ToolCalled Add(string id, int a, int b) => ScriptedCpu.Call(id, "add", $$"""{"a": {{a}}, "b": {{b}}}""");

    static async Task<Trace> CollectAsync(IAsyncEnumerable<TraceEvent> events)
    {
        var trace = new Trace();
        await foreach (var item in events)
        {
            trace.Add(item);
        }

        return trace;
    }

    [Fact]
    public async Task Plain_answer_is_text_and_one_run()
    {
        await using var model = new ScriptedCpu([new TextDelta("Hel"), new TextDelta("lo")]);
        await using var assistant = new Assistant(model, []);

        var trace = await CollectAsync(assistant.AnswerAsync(Conversation.From(Message.User("hi")), cancellationToken: Token));

        Assert.Equal("Hello", trace.Answer);
        Assert.Equal("stop", trace.FinishReason);
        Assert.Equal((10, 2), (trace.PromptTokens, trace.GeneratedTokens));
        Assert.Equal([Message.Assistant("Hello")], trace.ToMessages());
        Assert.Collection(trace.Events, item => Assert.IsType<TextEvent>(item), item => Assert.IsType<ModelRunEvent>(item));
    }

    [Fact]
    public async Task Tool_call_is_run_and_the_model_reads_the_result()
    {
        await using var model = new ScriptedCpu([Add("call_1", 2, 3)], [new TextDelta("It is 5.")]);
        await using var assistant = new Assistant(model, [s_add]);

        var trace = await CollectAsync(assistant.AnswerAsync(Conversation.From(Message.User("2+3?")), cancellationToken: Token));

        Assert.Equal("It is 5.", trace.Answer);
        Assert.Collection(
            trace.Events,
            item => Assert.Equal("add", Assert.IsType<ToolCallEvent>(item).Name),
            item => Assert.Equal("tool_calls", Assert.IsType<ModelRunEvent>(item).FinishReason),
            item => Assert.Equal(("call_1", "add", "5", false),
                (((ToolResultEvent)item).CallId, ((ToolResultEvent)item).Name, ((ToolResultEvent)item).Content,
                    ((ToolResultEvent)item).IsError)),
            item => Assert.IsType<TextEvent>(item),
            item => Assert.Equal("stop", Assert.IsType<ModelRunEvent>(item).FinishReason));
        Assert.Equal([Role.Assistant, Role.Tool, Role.Assistant], trace.ToMessages().Select(message => message.Role));
        Assert.Equal("5", model.Turns[1].Conversation.Messages[^1].Parts.OfType<ToolResultPart>().Single().Text);
    }

    [Theory]
    [InlineData("add", """{"a": "x", "b": 1}""", "The argument \"a\" must be of type integer.")]
    [InlineData("subtract", "{}", "There is no tool \"subtract\"; choose one of: add.")]
    public async Task Refused_call_is_an_error_result_that_the_model_reads(string name, string arguments, string error)
    {
        await using var model = new ScriptedCpu([ScriptedCpu.Call("call_1", name, arguments)], [new TextDelta("Sorry.")]);
        await using var assistant = new Assistant(model, [s_add]);

        var trace = await CollectAsync(assistant.AnswerAsync(Conversation.From(Message.User("?")), cancellationToken: Token));

        var result = trace.Events.OfType<ToolResultEvent>().Single();
        Assert.Equal((name, error, true), (result.Name, result.Content, result.IsError));
        Assert.True(model.Turns[1].Conversation.Messages[^1].Parts.OfType<ToolResultPart>().Single().IsError);
        Assert.Equal("Sorry.", trace.Answer);
    }

    [Fact]
    public async Task Model_that_never_stops_calling_is_stopped()
    {
        await using var model = new ScriptedCpu([Add("call_1", 1, 1)]);
        await using var assistant = new Assistant(model, [s_add], new ToolLimits { Rounds = 3 });

        var trace = await CollectAsync(assistant.AnswerAsync(Conversation.From(Message.User("loop")), cancellationToken: Token));

        Assert.Equal(4, model.Turns.Count);
        Assert.Equal(3, trace.Events.OfType<ToolResultEvent>().Count());

        // The last run has nothing left to call.
        Assert.Equal([1, 1, 1, 0], model.Turns.Select(turn => turn.Tools.Count));
        Assert.Equal(ToolChoiceMode.None, model.Turns[^1].ToolChoice.Mode);
    }

    [Fact]
    public async Task Declared_tool_of_the_caller_is_reported_but_not_run()
    {
        await using var model = new ScriptedCpu([Add("call_1", 2, 3)]);
        await using var assistant = new Assistant(model, [s_add]);

        var trace = await CollectAsync(
            assistant.RunAsync(new Turn(Conversation.From(Message.User("2+3?"))) { Tools = [s_add.Declaration] }, Token));

        Assert.Equal("add", Assert.Single(trace.Calls).Name);
        Assert.DoesNotContain(trace.Events, item => item is ToolResultEvent);
        Assert.Equal("tool_calls", trace.FinishReason);
        Assert.Single(model.Turns);
    }

    [Fact]
    public async Task Session_remembers_turns_with_their_calls()
    {
        await using var model = new ScriptedCpu([Add("call_1", 2, 3)], [new TextDelta("5")], [new TextDelta("You asked 2+3.")]);
        await using var assistant = new Assistant(model, [s_add]);
        var session = new ChatSession(assistant);

        await CollectAsync(session.SendAsync("2+3?", cancellationToken: Token));
        await CollectAsync(session.SendAsync("What did I ask?", cancellationToken: Token));

        Assert.Equal(
            [Role.User, Role.Assistant, Role.Tool, Role.Assistant, Role.User],
            model.Turns[^1].Conversation.Messages.Select(message => message.Role));
        Assert.Equal(6, session.History.Messages.Count);
    }

    [Fact]
    public async Task Stopped_answer_keeps_what_was_said_and_drops_a_call_without_result()
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var model = new ScriptedCpu([new TextDelta("Once upon"), new TextDelta(" a time")]);
        await using var assistant = new Assistant(model, []);
        var session = new ChatSession(assistant);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in session.SendAsync("story", cancellationToken: source.Token))
            {
                await source.CancelAsync();
            }
        });

        Assert.Equal(Conversation.From(Message.User("story"), Message.Assistant("Once upon")), session.History);

        var trace = new Trace();
        trace.Add(new TextEvent("Let me see."));
        trace.Add(new ToolCallEvent("call_1", "add", JsonElement.Parse("{}")));
        Assert.Equal([Message.Assistant("Let me see.")], trace.ToMessages());
    }

    [Fact]
    public async Task Question_that_failed_can_be_asked_again()
    {
        await using var model = new ScriptedCpu([], [new TextDelta("Hello")]) { Failure = new InvalidOperationException("down") };
        await using var assistant = new Assistant(model, []);
        var session = new ChatSession(assistant);

        await Assert.ThrowsAsync<InvalidOperationException>(() => CollectAsync(session.SendAsync("hi", cancellationToken: Token)));
        Assert.Empty(session.History.Messages);
        await CollectAsync(session.SendAsync("hi", cancellationToken: Token));

        Assert.Equal(Conversation.From(Message.User("hi"), Message.Assistant("Hello")), session.History);
    }

    [Fact]
    public async Task Trace_json_has_answer_totals_and_typed_events()
    {
        await using var model = new ScriptedCpu([Add("call_1", 2, 3)], [new TextDelta("5")]);
        await using var assistant = new Assistant(model, [s_add]);
        var trace = await CollectAsync(assistant.AnswerAsync(Conversation.From(Message.User("2+3?")), cancellationToken: Token));

        var root = JsonElement.Parse(trace.ToJson(assistant.ModelName));

        Assert.Equal("scripted", root.GetProperty("model").GetString());
        Assert.Equal("5", root.GetProperty("answer").GetString());
        Assert.Equal(20, root.GetProperty("prompt_tokens").GetInt64());
        Assert.Equal(
            ["tool_call", "model_run", "tool_result", "text", "model_run"],
            root.GetProperty("events").EnumerateArray().Select(item => item.GetProperty("event").GetString()));
        Assert.Equal(2, root.GetProperty("events")[0].GetProperty("arguments").GetProperty("a").GetInt32());
        Assert.Equal(42, root.GetProperty("events")[1].GetProperty("seed").GetInt32());
    }

    [Fact]
    public async Task Events_are_numbered_without_gaps_and_carry_time_and_tokens()
    {
        await using var model = new ScriptedCpu(
            [new ThoughtDelta("Hm") { TokenIds = [7] }, Add("call_1", 2, 3) with { TokenIds = [8, 9] }],
            [new TextDelta("5") { TokenIds = [5] }, new TextDelta("!") { TokenIds = [6] }]);
        await using var assistant = new Assistant(model, [s_add]);
        var events = new List<TraceEvent>();
        await foreach (var item in assistant.AnswerAsync(Conversation.From(Message.User("2+3?")), cancellationToken: Token))
        {
            events.Add(item);
        }

        Assert.Equal(Enumerable.Range(1, 7).Select(number => (long)number), events.Select(item => item.Sequence));
        Assert.All(events, item => Assert.True(item.At > DateTimeOffset.UnixEpoch));
        Assert.Equal([7, 8, 9], Assert.IsType<ModelRunEvent>(events[2]).TokenIds);
        var trace = new Trace();
        events.ForEach(trace.Add);
        Assert.Equal([5, 6], trace.Events.OfType<TextEvent>().Single().TokenIds);
        Assert.Equal(new ThoughtPart("Hm"), trace.ToMessages()[0].Parts[0]);
        Assert.Contains("\"token_ids\": [7,8,9]", trace.ToJson("x"), StringComparison.Ordinal);
    }
}
