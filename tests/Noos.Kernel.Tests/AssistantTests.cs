using System.Text.Json;
using Microsoft.Extensions.AI;
using Noos.Core.Conversations;
using Noos.Testing;

namespace Noos.Kernel.Tests;

public sealed class AssistantTests
{
    static readonly AIFunction s_add = AIFunctionFactory.Create((int a, int b) => a + b, "add");

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static FunctionCallContent Add(string id, object? a, object? b) =>
        new(id, "add", new Dictionary<string, object?>(StringComparer.Ordinal) { ["a"] = a, ["b"] = b });

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
        using var model = new ScriptedChatClient([new TextContent("Hel"), new TextContent("lo")]);
        using var assistant = new Assistant(model, []);

        var trace = await CollectAsync(assistant.AnswerAsync(Conversation.Of(Message.User("hi")), cancellationToken: Token));

        Assert.Equal("Hello", trace.Answer);
        Assert.Equal("stop", trace.FinishReason);
        Assert.Equal((10, 2), (trace.PromptTokens, trace.GeneratedTokens));
        Assert.Equal([Message.Assistant("Hello")], trace.ToMessages());
        Assert.Collection(trace.Events, item => Assert.IsType<TextEvent>(item), item => Assert.IsType<ModelRunEvent>(item));
    }

    [Fact]
    public async Task Tool_call_is_run_and_the_model_reads_the_result()
    {
        using var model = new ScriptedChatClient([Add("call_1", 2, 3)], [new TextContent("It is 5.")]);
        using var assistant = new Assistant(model, [s_add]);

        var trace = await CollectAsync(assistant.AnswerAsync(Conversation.Of(Message.User("2+3?")), cancellationToken: Token));

        Assert.Equal("It is 5.", trace.Answer);
        Assert.Collection(
            trace.Events,
            item => Assert.Equal("add", Assert.IsType<ToolCallEvent>(item).Name),
            item => Assert.Equal("tool_calls", Assert.IsType<ModelRunEvent>(item).FinishReason),
            item => Assert.Equal(("call_1", "add", "5", false), (((ToolResultEvent)item).CallId, ((ToolResultEvent)item).Name, ((ToolResultEvent)item).Content, ((ToolResultEvent)item).IsError)),
            item => Assert.IsType<TextEvent>(item),
            item => Assert.Equal("stop", Assert.IsType<ModelRunEvent>(item).FinishReason));
        Assert.Equal([Role.Assistant, Role.Tool, Role.Assistant], trace.ToMessages().Select(message => message.Role));
        Assert.Equal("5", model.Requests[1].ToConversation().Messages[^1].Parts.OfType<ToolResultPart>().Single().Content);
    }

    [Theory]
    [InlineData("add", "x", "Error: The argument \"a\" must be of type integer.")]
    [InlineData("subtract", 1, "Error: Requested function \"subtract\" not found.")]
    public async Task Refused_call_is_an_error_result_that_the_model_reads(string name, object a, string error)
    {
        var call = new FunctionCallContent("call_1", name, new Dictionary<string, object?>(StringComparer.Ordinal) { ["a"] = a, ["b"] = 1 });
        using var model = new ScriptedChatClient([call], [new TextContent("Sorry.")]);
        using var assistant = new Assistant(model, [s_add]);

        var trace = await CollectAsync(assistant.AnswerAsync(Conversation.Of(Message.User("?")), cancellationToken: Token));

        var result = trace.Events.OfType<ToolResultEvent>().Single();
        Assert.Equal((name, error, true), (result.Name, result.Content, result.IsError));
        Assert.Equal("Sorry.", trace.Answer);
    }

    [Fact]
    public async Task Model_that_never_stops_calling_is_stopped()
    {
        using var model = new ScriptedChatClient([Add("call_1", 1, 1)]);
        using var assistant = new Assistant(model, [s_add], new ToolLimits { Rounds = 3 });

        var trace = await CollectAsync(assistant.AnswerAsync(Conversation.Of(Message.User("loop")), cancellationToken: Token));

        Assert.Equal(4, model.Requests.Count);
        Assert.Equal(3, trace.Events.OfType<ToolResultEvent>().Count());
    }

    [Fact]
    public async Task Declared_tool_of_the_caller_is_reported_but_not_run()
    {
        using var model = new ScriptedChatClient([Add("call_1", 2, 3)]);
        using var assistant = new Assistant(model, [s_add]);
        var declared = AIFunctionFactory.CreateDeclaration("add", "adds", s_add.JsonSchema);

        var trace = await CollectAsync(assistant.RunAsync(
            Conversation.Of(Message.User("2+3?")), new ChatOptions { Tools = [declared] }, Token));

        Assert.Equal("add", Assert.Single(trace.Calls).Name);
        Assert.DoesNotContain(trace.Events, item => item is ToolResultEvent);
        Assert.Equal("tool_calls", trace.FinishReason);
        Assert.Single(model.Requests);
    }

    [Fact]
    public async Task Session_remembers_turns_with_their_calls()
    {
        using var model = new ScriptedChatClient([Add("call_1", 2, 3)], [new TextContent("5")], [new TextContent("You asked 2+3.")]);
        using var assistant = new Assistant(model, [s_add]);
        var session = new ChatSession(assistant);

        await CollectAsync(session.SendAsync("2+3?", cancellationToken: Token));
        await CollectAsync(session.SendAsync("What did I ask?", cancellationToken: Token));

        Assert.Equal(
            [Role.User, Role.Assistant, Role.Tool, Role.Assistant, Role.User],
            model.Requests[^1].ToConversation().Messages.Select(message => message.Role));
        Assert.Equal(6, session.History.Messages.Count);
    }

    [Fact]
    public async Task Stopped_answer_keeps_what_was_said_and_drops_a_call_without_result()
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var model = new ScriptedChatClient([new TextContent("Once upon"), new TextContent(" a time")]);
        using var assistant = new Assistant(model, []);
        var session = new ChatSession(assistant);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in session.SendAsync("story", cancellationToken: source.Token))
            {
                await source.CancelAsync();
            }
        });

        Assert.Equal(Conversation.Of(Message.User("story"), Message.Assistant("Once upon")), session.History);

        var trace = new Trace();
        trace.Add(new TextEvent("Let me see."));
        trace.Add(new ToolCallEvent("call_1", "add", JsonElement.Parse("{}")));
        Assert.Equal([Message.Assistant("Let me see.")], trace.ToMessages());
    }

    [Fact]
    public async Task Question_that_failed_can_be_asked_again()
    {
        using var model = new ScriptedChatClient([new ErrorContent("down") { RawRepresentation = new InvalidOperationException("down") }], [new TextContent("Hello")]);
        using var assistant = new Assistant(model, []);
        var session = new ChatSession(assistant);

        await Assert.ThrowsAsync<InvalidOperationException>(() => CollectAsync(session.SendAsync("hi", cancellationToken: Token)));
        Assert.Empty(session.History.Messages);
        await CollectAsync(session.SendAsync("hi", cancellationToken: Token));

        Assert.Equal(Conversation.Of(Message.User("hi"), Message.Assistant("Hello")), session.History);
    }

    [Fact]
    public async Task Trace_json_has_answer_totals_and_typed_events()
    {
        using var model = new ScriptedChatClient([Add("call_1", 2, 3)], [new TextContent("5")]);
        using var assistant = new Assistant(model, [s_add]);
        var trace = await CollectAsync(assistant.AnswerAsync(Conversation.Of(Message.User("2+3?")), cancellationToken: Token));

        var root = JsonElement.Parse(trace.ToJson(assistant.ModelName));

        Assert.Equal("scripted", root.GetProperty("model").GetString());
        Assert.Equal("5", root.GetProperty("answer").GetString());
        Assert.Equal(20, root.GetProperty("prompt_tokens").GetInt64());
        Assert.Equal(
            ["tool_call", "model_run", "tool_result", "text", "model_run"],
            root.GetProperty("events").EnumerateArray().Select(item => item.GetProperty("event").GetString()));
        Assert.Equal(2, root.GetProperty("events")[0].GetProperty("arguments").GetProperty("a").GetInt32());
    }
}
