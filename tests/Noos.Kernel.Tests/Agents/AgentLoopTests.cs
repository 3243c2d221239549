using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Tracing;
using Noos.Testing;

namespace Noos.Kernel.Tests.Agents;

public sealed class AgentLoopTests
{
    static readonly ScriptedTool s_double = new(
        "double", arguments =>
            $"{arguments.GetProperty("n").GetInt32() * 2}",
                """{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}""");

    static readonly Turn s_turn = new(Conversation.From(Message.User("What is 4 doubled, and 5?")))
    {
        Tools = [s_double.Declaration],
        Options = new GenerationOptions
        {
            Seed = 3,
            StopSequences = ["END"],
            LogitBias = new Dictionary<int, float> { [5] = 1 },
            ResponseFormat = null,
        },
    };

    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What the model says depends on the conversation alone, as with a real one: so an answer may begin anywhere.</summary>
    static ScriptedCpu Cpu(Conversation conversation)
    {
        CpuEvent[] calls = [new ThoughtDelta("Two calls."), ScriptedCpu.Call("call_1", "double", """{"n": 4}"""),
            ScriptedCpu.Call("call_2", "double", """{"n": 5}""")];
        return conversation.Messages.Any(message => message.Role == Role.Assistant)
            ? new ScriptedCpu([new TextDelta("8 and 10.")])
            : new ScriptedCpu(calls, [new TextDelta("8 and 10.")]);
    }

    static AgentLoop Loop(ICpu cpu, Recorder? recorder = null, params ITool[] tools) =>
        new(cpu, new ToolGate(new ToolLimits()), tools.Length == 0 ? [s_double] : tools, recorder);

    [Fact]
    public async Task Seed_that_the_first_run_drew_is_that_of_the_whole_answer()
    {
        var cpu = Cpu(s_turn.Conversation);

        await CollectAsync(Loop(cpu).RunAsync(new AgentState(s_turn with { Options = new GenerationOptions() }), Token));

        Assert.Equal([null, 42UL], cpu.Turns.Select(turn => turn.Options.Seed));
    }

    [Fact]
    public async Task Result_that_fills_the_context_ends_the_answer_for_its_length_and_a_question_that_does_is_refused()
    {
        var full = new NoosException("Too long.") { Code = NoosException.ContextLengthExceeded };
        var cpu = Cpu(s_turn.Conversation);
        var filling = new ScriptedTool("double", _ =>
        {
            cpu.FailureAtOnce = full;
            return "8";
        });

        var told = await CollectAsync(Loop(cpu, null, filling).RunAsync(new AgentState(s_turn), Token));

        Assert.Equal(FinishReasons.Length, Assert.IsType<ModelRunEvent>(told[^1]).FinishReason);
        Assert.Equal(2, told.OfType<ToolResultEvent>().Count());
        var first = Cpu(s_turn.Conversation);
        first.FailureAtOnce = full;
        Assert.Same(full, await Assert.ThrowsAsync<NoosException>(
            () => CollectAsync(Loop(first).RunAsync(new AgentState(s_turn), Token))));
    }

    [Fact]
    public async Task Output_of_a_call_is_told_before_its_result_and_is_no_part_of_the_trace()
    {
        var talkative = new ReportingTool();
        var cpu = new ScriptedCpu([ScriptedCpu.Call("call_1", "talk", "{}")], [new TextDelta("Done.")]);

        var events = await CollectAsync(Loop(cpu, null, talkative).RunAsync(
            new AgentState(s_turn with { Tools = [talkative.Declaration] }), Token));
        var trace = new Trace();
        events.ForEach(trace.Add);

        Assert.Equal(["one", "two"], events.OfType<ToolOutputEvent>().Select(item => item.Output));
        Assert.True(events.FindIndex(item => item is ToolOutputEvent) < events.FindIndex(item => item is ToolResultEvent));
        Assert.DoesNotContain(trace.Events, item => item is ToolOutputEvent);
        Assert.Equal(Enumerable.Range(1, trace.Events.Count).Select(number => (long)number), trace.Events.Select(item => item.Sequence));
    }

    sealed class ReportingTool : ITool
    {
        public ToolDeclaration Declaration { get; } = new("talk", "Talks.", JsonElement.Parse("""{"type": "object"}"""));

        public IReadOnlyList<Capability> Needs => [];

        public bool IsRepeatable => true;

        public ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
        {
            context.Report("one");
            context.Report("two");
            return ValueTask.FromResult(ToolResult.Text("three"));
        }
    }

    static async Task<List<TraceEvent>> CollectAsync(IAsyncEnumerable<TraceEvent> events)
    {
        var list = new List<TraceEvent>();
        await foreach (var item in events)
        {
            list.Add(item);
        }

        return list;
    }

    [Fact]
    public async Task Every_step_is_recorded_before_and_after_it()
    {
        var recorder = new Recorder();
        await using var cpu = Cpu(s_turn.Conversation);

        await CollectAsync(Loop(cpu, recorder).RunAsync(new AgentState(s_turn), Token));

        Assert.Equal(
            ["before run", "after run", "before call_1", "after call_1", "before call_2", "after call_2", "before run", "after run"],
                recorder.Log);
        Assert.Equal([0, 1, 2, 3, 4], recorder.States.Select(state => state.Steps).Distinct());
        Assert.True(recorder.States[^1].IsFinished);
        Assert.Equal(
            Conversation.From(
                s_turn.Conversation.Messages[0],
                Message.Assistant(new ThoughtPart("Two calls."), new ToolCallPart("double", JsonElement.Parse("""{"n": 4}"""), "call_1"),
                    new ToolCallPart("double", JsonElement.Parse("""{"n": 5}"""), "call_2")),
                new Message(Role.Tool,
                    [new ToolResultPart("double", "8", CallId: "call_1"), new ToolResultPart("double", "10", CallId: "call_2")]),
                Message.Assistant("8 and 10.")),
            recorder.States[^1].Turn.Conversation);
    }

    [Fact]
    public async Task Answer_resumed_from_any_recorded_state_reaches_the_same_conversation()
    {
        var recorder = new Recorder();
        await using var cpu = Cpu(s_turn.Conversation);
        var whole = await CollectAsync(Loop(cpu, recorder).RunAsync(new AgentState(s_turn), Token));
        var expected = recorder.States[^1];

        foreach (var recorded in recorder.States)
        {
            // As a journal keeps it.
            var state = AgentState.FromJson(recorded.ToJson());
            var again = new Recorder();
            await using var other = Cpu(state.Turn.Conversation);
            var rest = await CollectAsync(Loop(other, again).RunAsync(state, Token));

            var end = again.States.LastOrDefault() ?? state;
            Assert.Equal(expected.Turn.Conversation, end.Turn.Conversation);
            Assert.Equal(
                (expected.Steps, expected.Runs, expected.Events, expected.ProcessId), (end.Steps, end.Runs, end.Events, end.ProcessId));
            Assert.Equal(whole.Skip((int)state.Events)
                .Select(item => (item.Sequence, item.GetType())), rest.Select(item => (item.Sequence, item.GetType())));
        }
    }

    [Fact]
    public async Task State_survives_as_json_with_all_its_options()
    {
        var recorder = new Recorder();
        await using var cpu = Cpu(s_turn.Conversation);
        await CollectAsync(Loop(cpu, recorder)
            .RunAsync(new AgentState(s_turn with { ToolChoice = ToolChoice.Required with { Name = "double" } }), Token));

        foreach (var state in recorder.States)
        {
            Assert.Equal(state.ToJson(), AgentState.FromJson(state.ToJson()).ToJson());
        }

        Assert.Equal(ErrorKind.Damaged, Assert.Throws<NoosException>(() => AgentState.FromJson("{")).Kind);
    }

    [Fact]
    public async Task Required_call_is_required_once()
    {
        await using var cpu = Cpu(s_turn.Conversation);

        await CollectAsync(Loop(cpu).RunAsync(new AgentState(s_turn with { ToolChoice = ToolChoice.Required }), Token));

        Assert.Equal([ToolChoiceMode.Required, ToolChoiceMode.Auto], cpu.Turns.Select(turn => turn.ToolChoice.Mode));
    }

    [Fact]
    public async Task Cancelled_call_leaves_the_state_before_it()
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var recorder = new Recorder();
        await using var cpu = Cpu(s_turn.Conversation);
        var stuck = new ScriptedTool("double", async (_, token) =>
        {
            await source.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
            return ToolResult.Text("never");
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            CollectAsync(Loop(cpu, recorder, stuck).RunAsync(new AgentState(s_turn), source.Token)));

        Assert.Equal("before call_1", recorder.Log[^1]);
        Assert.Equal(2, recorder.States[^1].PendingCalls.Count);
    }

    [Fact]
    public async Task Result_of_several_parts_keeps_them_and_its_origin()
    {
        await using var cpu = new ScriptedCpu([ScriptedCpu.Call("call_1", "fetch", "{}")], [new TextDelta("Seen.")]);
        var fetch = new ScriptedTool("fetch", (_, _) =>
            ValueTask.FromResult(
                new ToolResult([new TextPart("Error: is how this page begins"), new ImagePart("a.png")], Origin: Origin.Web)));

        var events = await CollectAsync(Loop(cpu, null, fetch)
            .RunAsync(new AgentState(new Turn(s_turn.Conversation) { Tools = [fetch.Declaration] }), Token));

        var told = events.OfType<ToolResultEvent>().Single();
        var read = (ToolResultPart)cpu.Turns[1].Conversation.Messages[^1].Parts.Single();
        Assert.False(told.IsError);
        Assert.Equal(read, told.ToPart());
        Assert.Equal((Origin.Web, 2), (read.Origin, read.Parts.Count));
        Assert.NotEmpty(fetch.Contexts.Single().ProcessId);
    }

    sealed class Recorder : IStepRecorder
    {
        public List<string> Log { get; } = [];

        public List<AgentState> States { get; } = [];

        public async ValueTask BeforeAsync(AgentStep step, CancellationToken cancellationToken)
        {
            await Task.Yield();
            Log.Add($"before {step.Call?.CallId ?? "run"}");
            States.Add(step.State);
        }

        public async ValueTask AfterAsync(AgentStep step, AgentStepOutcome outcome, CancellationToken cancellationToken)
        {
            await Task.Yield();
            Log.Add($"after {step.Call?.CallId ?? "run"}");
            Assert.Equal(step.Call is null, outcome.Run is not null);
            States.Add(outcome.State);
        }
    }
}
