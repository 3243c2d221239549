using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Processes;

public sealed class ProcessTableTests : IDisposable
{
    readonly TemporaryFolder _home = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Conversation_answers_with_calls_and_remembers_all()
    {
        await using var system = new RunningSystem(_home.Path, new ScriptedCpu(
            [new ThoughtDelta("Hm. "), ScriptedCpu.Call("c1", "double", """{"n":4}""")], [new TextDelta("It "), new TextDelta("is 8.")]));
        var process = await system.Table.SpawnAsync("me", ProcessKind.Conversation, new ProcessProgram { Instructions = "Be brief." },
            cancellationToken: Token);

        await system.Table.SayAsync(process.Id, Message.User("Double 4."), Token);
        process = await system.Table.WaitAsync(process.Id, Token);

        Assert.Equal(ProcessState.WaitingForPerson, process.State);
        Assert.Equal((20, 4, 1), (process.Usage.TokensIn, process.Usage.TokensOut, process.Usage.Calls));
        var history = system.History(process.Id);
        Assert.Equal([Role.User, Role.Assistant, Role.Tool, Role.Assistant], history.Messages.Select(message => message.Role));
        Assert.Equal("It is 8.", ((TextPart)history.Messages[^1].Parts[0]).Text);
        Assert.Equal("8", ((ToolResultPart)history.Messages[2].Parts[0]).Text);
        Assert.False(history.IsAnswerDue);
        Assert.Equal("It is 8.", string.Concat(system.Journal.Reader.Events(process.Id).Select(entry => entry.Event).OfType<Wrote>()
            .Where(wrote => !wrote.IsThought).Select(wrote => wrote.Text)));
        Assert.Equal("Be brief.", ((TextPart)system.Cpu<ScriptedCpu>().Turns[0].Conversation.Messages[0].Parts[0]).Text);
        Assert.Equal(process.Id, Assert.Single(system.Journal.Reader.Search("doubles")).Process);
    }

    [Fact]
    public async Task Message_during_an_answer_waits_for_its_end()
    {
        var cpu = new GatedCpu();
        await using var system = new RunningSystem(_home.Path, cpu);
        var id = (await system.Table.SpawnAsync("me", ProcessKind.Conversation, new ProcessProgram(), cancellationToken: Token)).Id;
        await system.Table.SayAsync(id, Message.User("first"), Token);
        await cpu.HasBegun(1);

        await system.Table.SayAsync(id, Message.User("second"), Token);
        await system.Table.SayAsync(id, Message.User("third"), Token);
        cpu.Release();
        await system.Table.WaitAsync(id, Token);

        Assert.Equal(
            ["first", "answer 1", "second", "third", "answer 2"],
            system.History(id).Messages.Select(message => ((TextPart)message.Parts[0]).Text));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Follower_hears_every_event_once_and_in_order_wherever_it_begins(long after)
    {
        await using var system = new RunningSystem(
            _home.Path, new ScriptedCpu([.. Enumerable.Range(0, 200).Select(i => new TextDelta($"{i} "))]));
        var id = (await system.Table.SpawnAsync("me", ProcessKind.Agent, new ProcessProgram(), cancellationToken: Token)).Id;
        var early = CollectAsync(system.Table.FollowAsync(id, after, Token));
        await system.Table.SayAsync(id, Message.User("Count."), Token);
        var late = CollectAsync(system.Table.FollowAsync(id, after, Token));
        await system.Table.WaitAsync(id, Token);
        var afterwards = CollectAsync(system.Table.FollowAsync(id, after, Token));

        var expected = system.Journal.Reader.Events(id, after).Select(entry => (entry.Id, entry.Event.Kind)).ToArray();
        foreach (var heard in await Task.WhenAll(early, late, afterwards))
        {
            Assert.Equal(expected, heard.Select(entry => (entry.Id, entry.Event.Kind)));
        }
    }

    [Fact]
    public async Task Answer_that_was_cut_short_is_made_again_from_the_same_seed_after_a_restart()
    {
        var cpu = new GatedCpu();
        long id;
        await using (var system = new RunningSystem(_home.Path, cpu))
        {
            id = (await system.Table.SpawnAsync("me", ProcessKind.Conversation, new ProcessProgram(), cancellationToken: Token)).Id;
            await system.Table.SayAsync(id, Message.User("first"), Token);
            await cpu.HasBegun(1);
            await system.Table.SayAsync(id, Message.User("second"), Token);
        }

        var seed = Assert.Single(cpu.Turns).Options.Seed;
        var again = new GatedCpu();
        again.Release();
        await using var restarted = new RunningSystem(_home.Path, again);

        Assert.Equal(1, await restarted.Table.RecoverAsync());
        await restarted.Table.WaitAsync(id, Token);

        Assert.Equal(seed, again.Turns[0].Options.Seed);
        Assert.NotNull(seed);
        Assert.Equal(["first", "answer 1", "second", "answer 2"],
            restarted.History(id).Messages.Select(message => ((TextPart)message.Parts[0]).Text));
        Assert.Equal(0, await restarted.Table.RecoverAsync());
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Call_in_flight_is_made_again_if_it_may_be_and_else_reported(bool isRepeatable, bool isRecovered)
    {
        long id;
        await using (var journal = Journal.Open(_home.Path))
        {
            var call = ScriptedCpu.Call("c1", "double", """{"n":4}""").Call;
            id = (await journal.AddProcessAsync(
                new ProcessRecord(0, null, "me", ProcessKind.Conversation) { Program = new ProcessProgram() }, Token)).Id;
            await journal.AppendAsync(
                id,
                [
                    new Said(Message.User("Double 4.")), new RunBegan(7),
                        new RunEnded(Message.Assistant(call), null, 7, [1], new ProcessUsage(5, 1)),
                    new CallBegan(call), new StateChanged(ProcessState.WaitingForCall),
                ],
                Token);
        }

        await using var system = new RunningSystem(_home.Path, new ScriptedCpu([new TextDelta("Done.")]), isRepeatable);
        // A message may come before the start has come to the process.
        await (isRecovered ? system.Table.RecoverAsync() : system.Table.SayAsync(id, Message.User("Well?"), Token));
        await system.Table.WaitAsync(id, Token);

        var result = (ToolResultPart)system.History(id).Messages[2].Parts[0];
        Assert.Equal(!isRepeatable, result.IsError);
        Assert.Contains(isRepeatable ? "8" : "interrupted", result.Text, StringComparison.Ordinal);
        Assert.Equal(isRepeatable ? 1 : 0, system.Calls);
        Assert.Equal("Done.", ((TextPart)system.History(id).Messages[3].Parts[0]).Text);
    }

    [Fact]
    public async Task Call_of_a_person_is_kept_across_a_restart_and_reaches_no_model_and_no_search()
    {
        var cpu = new ScriptedCpu([new TextDelta("Fine.")]);
        var call = ScriptedCpu.Call("p1", "double", """{"n":21000021}""").Call;
        long id;
        await using (var system = new TestSystem(_home.Path, cpu))
        {
            id = await system.SpawnAsync();
            await system.AskAsync(id, "Hello");
            var answer = system.Journal.Reader.Turns(id).Single(entry => entry.Event is RunEnded).Id;
            var before = system.Table.Get(id).Usage;

            await system.Table.CallForPersonAsync(id, call, answer, cancellationToken: Token);
            await Assert.ThrowsAsync<NoosException>(() => system.Table.CallForPersonAsync(
                id, ScriptedCpu.Call("p2", "nothing", "{}").Call, answer, cancellationToken: Token));
            Assert.Equal(before, system.Table.Get(id).Usage);
        }

        await using var again = new TestSystem(_home.Path, cpu);
        var kept = Assert.Single(again.Table.Turns(id).Select(entry => entry.Event).OfType<PersonCalled>());
        Assert.Equal((call, "42000042"), (kept.Call, ((ToolResultPart)kept.Result.Parts[0]).Text));
        await again.AskAsync(id, "And now?");

        Assert.DoesNotContain(
            "4200", string.Concat(cpu.Turns.SelectMany(turn => turn.Conversation.Messages).Select(TestSystem.Describe)),
            StringComparison.Ordinal);
        Assert.Equal(4, again.Table.ReadHistory(id).Messages.Count);
        Assert.Empty(again.Table.Search("42000042"));
    }

    [Fact]
    public async Task Kill_ends_a_process_and_its_children_in_the_middle_of_an_answer()
    {
        var cpu = new GatedCpu();
        await using var system = new RunningSystem(_home.Path, cpu);
        var parent = await system.Table.SpawnAsync("me", ProcessKind.Conversation, new ProcessProgram(), cancellationToken: Token);
        var child = await system.Table.SpawnAsync("me", ProcessKind.Agent, new ProcessProgram(), parent.Id, Token);
        await system.Table.SayAsync(child.Id, Message.User("Go."), Token);
        await cpu.HasBegun(1);

        await system.Table.KillAsync(parent.Id, "enough");

        Assert.Equal(ProcessState.Killed, system.Table.Get(parent.Id).State);
        Assert.Equal(ProcessState.Killed, system.Table.Get(child.Id).State);
        Assert.Equal(ErrorKind.Invalid, (await Assert.ThrowsAsync<NoosException>(
            () => system.Table.SayAsync(child.Id, Message.User("More."), Token))).Kind);
        Assert.Equal(0, await system.Table.RecoverAsync());
    }

    [Fact]
    public async Task Limits_hold_for_a_whole_family()
    {
        await using var system = new RunningSystem(_home.Path, new ScriptedCpu([new TextDelta("ok")]));
        var program = new ProcessProgram { Tools = ["double"], Limits = new ProcessLimits { Depth = 1, Children = 2, Tokens = 15 } };
        var parent = await system.Table.SpawnAsync("me", ProcessKind.Conversation, program, cancellationToken: Token);
        var wide = new ProcessProgram { Limits = new ProcessLimits { Depth = 9, Tokens = null } };
        var refusal = await Assert.ThrowsAsync<NoosException>(() => system.Table.SpawnAsync(
            "me", ProcessKind.Agent, wide with { Tools = ["double", "other"] }, parent.Id, Token));
        Assert.Equal(ErrorKind.Refused, refusal.Kind);
        Assert.Contains("may not call 'other'", refusal.Message, StringComparison.Ordinal);

        var child = await system.Table.SpawnAsync("me", ProcessKind.Agent, wide, parent.Id, Token);

        Assert.Equal(["double"], child.Program.Tools!);
        Assert.Equal((0, 15), (child.Program.Limits.Depth, child.Program.Limits.Tokens));
        await Assert.ThrowsAsync<NoosException>(() => system.Table.SpawnAsync("me", ProcessKind.Agent, wide, child.Id, Token));
        var other = await system.Table.SpawnAsync("me", ProcessKind.Agent, wide, parent.Id, Token);
        await Assert.ThrowsAsync<NoosException>(() => system.Table.SpawnAsync("me", ProcessKind.Agent, wide, parent.Id, Token));

        // A run costs 11 tokens: the first child may begin, the second finds 11 of 15 spent and may, too; then nobody may.
        await RunAsync(child.Id);
        await RunAsync(other.Id);
        Assert.Equal(ProcessState.Done, system.Table.Get(other.Id).State);
        await RunAsync(parent.Id);
        Assert.Contains("have spent", system.Journal.Reader.Turns(parent.Id)
            .Select(entry => entry.Event)
            .OfType<AnswerFailed>()
            .Single().Reason,
            StringComparison.Ordinal);
        Assert.Equal(ProcessState.WaitingForPerson, system.Table.Get(parent.Id).State);

        async Task RunAsync(long id)
        {
            await system.Table.SayAsync(id, Message.User("Go."), Token);
            await system.Table.WaitAsync(id, Token);
        }
    }

    [Fact]
    public async Task Cpu_that_fails_fails_the_answer_and_not_the_conversation()
    {
        var cpu = new ScriptedCpu([new TextDelta("half")], [new TextDelta("whole")])
        {
            Failure = new NoosException(ErrorKind.Unavailable, "The model is gone."),
        };
        await using var system = new RunningSystem(_home.Path, cpu);
        var id = (await system.Table.SpawnAsync("me", ProcessKind.Conversation, new ProcessProgram(), cancellationToken: Token)).Id;

        await system.Table.SayAsync(id, Message.User("one"), Token);
        await system.Table.WaitAsync(id, Token);
        await system.Table.SayAsync(id, Message.User("two"), Token);
        await system.Table.WaitAsync(id, Token);

        Assert.Contains(system.Journal.Reader.Events(id), entry => entry.Event is AnswerStopped { Reason: "The model is gone." });
        Assert.Equal(["one", "half", "two", "whole"], system.History(id).Messages.Select(message => ((TextPart)message.Parts[0]).Text));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _home.Dispose();
    }

    static async Task<List<JournalEntry>> CollectAsync(IAsyncEnumerable<JournalEntry> entries)
    {
        var list = new List<JournalEntry>();
        await foreach (var entry in entries)
        {
            list.Add(entry);
        }

        return list;
    }

    /// <summary>A journal, a table, and a tool that doubles.</summary>
    sealed class RunningSystem : IAsyncDisposable
    {
        readonly ICpu _cpu;
        int _calls;

        public RunningSystem(string home, ICpu cpu, bool isRepeatable = true)
        {
            _cpu = cpu;
            Journal = Journal.Open(home);
            Table = new ProcessTable(Journal, cpu, new ToolGate(new ToolLimits()), [new DoubleTool(this, isRepeatable)]);
        }

        public Journal Journal { get; }

        public ProcessTable Table { get; }

        public int Calls => _calls;

        public T Cpu<T>() => (T)_cpu;

        public ProcessHistory History(long id)
        {
            var history = new ProcessHistory();
            foreach (var entry in Journal.Reader.Turns(id))
            {
                history.Apply(entry.Event);
            }

            return history;
        }

        public async ValueTask DisposeAsync()
        {
            await Table.DisposeAsync();
            await Journal.DisposeAsync();
        }

        sealed class DoubleTool(RunningSystem system, bool isRepeatable) : ITool
        {
            public ToolDeclaration Declaration { get; } =
                new("double", "Doubles.", System.Text.Json.JsonElement.Parse("""{"type":"object"}"""));

            public IReadOnlyList<Capability> Needs => [];

            public bool IsRepeatable => isRepeatable;

            public ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
            {
                Interlocked.Increment(ref system._calls);
                return ValueTask.FromResult(ToolResult.Text($"{2 * call.Arguments.GetProperty("n").GetInt32()}"));
            }
        }
    }

    /// <summary>Answers "answer 1", "answer 2", ..., the first half at once and the rest when it is released.</summary>
    sealed class GatedCpu : ICpu
    {
        readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CpuInfo Info { get; } = new("gated", CpuFeatures.Replay);

        public List<Turn> Turns { get; } = [];

        public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => null;

        public void Release() => _released.TrySetResult();

        public async Task HasBegun(int runs)
        {
            while (Turns.Count < runs)
            {
                await Task.Delay(1, Token);
            }
        }

        public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Turns.Add(turn);
            yield return new TextDelta("answer ");
            await _released.Task.WaitAsync(cancellationToken);
            yield return new TextDelta($"{Turns.Count}");
            yield return new RunFinished(new TokenUsage(3, 0, 2), FinishReasons.Stop, turn.Options.Seed);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
