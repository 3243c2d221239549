using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Processes;

/// <summary>How answers end that do not come to their own end.</summary>
public sealed class AnswerEndTests : IDisposable
{
    readonly TemporaryFolder _home = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Partial_text_of_an_answer_is_kept_where_it_is_stopped_or_its_process_killed(bool isKilled)
    {
        var cpu = new PacedCpu();
        cpu.Hold();
        await using var system = new TestSystem(_home.Path, cpu);
        var id = await system.SpawnAsync();
        await system.Table.SayAsync(id, Message.User("Count."), Token);
        cpu.Let(3);
        await system.HasWritten(id, 3);

        await (isKilled ? system.Table.KillAsync(id, "enough") : system.Table.StopAsync(id));

        var written = string.Concat(system.Journal.Reader.Events(id).Select(entry => entry.Event).OfType<Wrote>()
            .Select(wrote => wrote.Text));
        Assert.Equal(["User: Count.", $"Assistant: {written}"], system.Said(id));
        var process = system.Table.Get(id);
        Assert.Equal(isKilled ? ProcessState.Killed : ProcessState.WaitingForPerson, process.State);
        Assert.Equal(3, process.Usage.TokensOut);
        Assert.Equal(process.Usage, system.Journal.Reader.Find(id)!.Usage);
        Assert.NotEmpty(system.Journal.Reader.Search(written.Split(' ')[1]));
        if (!isKilled)
        {
            cpu.Release();
            await system.AskAsync(id, "Go on.");
            Assert.Equal(4, system.Said(id).Count());
        }
    }

    [Fact]
    public async Task Calls_of_a_stopped_answer_have_results_so_that_the_conversation_can_go_on()
    {
        var inTool = new TaskCompletionSource();
        var tool = new ScriptedTool("double", async (_, cancellationToken) =>
        {
            inTool.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("never");
        });
        await using var journal = Journal.Open(_home.Path);
        await using var table = new ProcessTable(journal, new PacedCpu(), new ToolGate(new ToolLimits()), [tool]);
        var id = (await table.SpawnAsync("me", ProcessKind.Conversation, new ProcessProgram(), cancellationToken: Token)).Id;
        await table.SayAsync(id, Message.User("call"), Token);
        await inTool.Task;

        await table.StopAsync(id);

        var last = Assert.IsType<ToolResultPart>(table.ReadHistory(id).Messages[^1].Parts[0]);
        Assert.Equal(("c1", true), (last.CallId, last.IsError));
        Assert.Equal(ProcessState.WaitingForPerson, table.Get(id).State);
        await table.SayAsync(id, Message.User("And now?"), Token);
        Assert.Equal(ProcessState.WaitingForPerson, (await table.WaitAsync(id, Token)).State);
    }

    [Fact]
    public async Task Answer_that_must_ask_a_person_waits_for_them_and_does_nothing_meanwhile()
    {
        await using var journal = Journal.Open(_home.Path);
        var cpu = new PacedCpu();
        await using var table = new ProcessTable(journal, cpu, new ToolGate(new ToolLimits()), [new SendingTool()]);
        var id = (await table.SpawnAsync("me", ProcessKind.Agent, new ProcessProgram(), cancellationToken: Token)).Id;
        await table.SayAsync(id, Message.User("call"), Token);

        var process = await table.WaitAsync(id, Token);

        Assert.Equal((ProcessState.WaitingForPerson, 1), (process.State, cpu.Begun));
        Assert.Equal(id, Assert.Single(table.Approvals()).Process);
        Assert.True(table.ReadHistory(id) is { IsAnswerDue: true, CanGoOn: false });

        await table.StopAsync(id);
        Assert.Equal(ProcessState.Done, table.Get(id).State);
        Assert.True(((ToolResultPart)table.ReadHistory(id).Messages[^1].Parts[0]).IsError);
    }

    sealed class SendingTool : ITool
    {
        public ToolDeclaration Declaration { get; } = new("send", "Sends.", System.Text.Json.JsonElement.Parse("""{"type":"object"}"""));

        public IReadOnlyList<Capability> Needs => [Capability.Network];

        public bool IsRepeatable => false;

        public IReadOnlyList<Effect>? EffectsOf(ToolCallPart call, IToolContext context) => [Effect.Send("https://example.org/", "Hi")];

        public ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("never");
    }

    [Fact]
    public async Task Full_disk_is_told_and_the_answer_goes_on_when_there_is_room()
    {
        var cpu = new PacedCpu(40);
        cpu.Hold();
        await using var system = new TestSystem(_home.Path, cpu);
        var id = await system.SpawnAsync();
        var other = await system.SpawnAsync();
        await system.Table.SayAsync(id, Message.User("Count."), Token);
        cpu.Let(2);
        await system.HasWritten(id, 2);

        // One page more: enough for nothing that has an index.
        system.Journal.LimitPages(1);
        cpu.Release();
        var process = await system.Table.WaitAsync(id, Token);
        var error = await Assert.ThrowsAsync<NoosException>(
            () => system.Table.SayAsync(other, Message.User(new string('x', 100_000)), Token));

        Assert.Equal(ErrorKind.OutOfMemory, error.Kind);
        Assert.Contains("is full", error.Message, StringComparison.Ordinal);
        Assert.Contains(process.State, (ProcessState[])[ProcessState.Ready, ProcessState.WaitingForPerson]);

        system.Journal.LimitPages(1_000_000);
        await system.AskAsync(id, "Again.");
        await system.AskAsync(other, "Hello.");
        Assert.Equal(2, system.Said(other).Count());
        Assert.Equal("User: Count.", system.Said(id).First());
        Assert.Equal(ProcessState.WaitingForPerson, system.Table.Get(id).State);
        Assert.Empty(system.Journal.Reader.Check());
    }

    [Fact]
    public async Task Message_that_was_acknowledged_just_before_a_kill_is_answered_after_the_start()
    {
        long id;
        await using (var unstarted = new TestSystem(_home.Path, cpu: null))
        {
            id = await unstarted.SpawnAsync();
            await unstarted.Table.SayAsync(id, Message.User("one"), Token);
            await unstarted.Table.SayAsync(id, Message.User("two"), Token);
            Assert.Equal(ProcessState.Ready, (await unstarted.Table.WaitAsync(id, Token)).State);
        }

        await using var system = new TestSystem(_home.Path, new PacedCpu());
        Assert.Equal(1, await system.Table.RecoverAsync());
        await system.Table.WaitAsync(id, Token);

        Assert.Equal(["User", "Assistant", "User", "Assistant"], system.Table.ReadHistory(id).Messages
            .Select(message => message.Role.ToString()));
    }

    [Fact]
    public async Task Budget_of_a_family_and_its_number_hold_over_a_restart()
    {
        var program = new ProcessProgram { Limits = new ProcessLimits { Children = 1, Tokens = 8 } };
        long parent;
        await using (var system = new TestSystem(_home.Path, new PacedCpu()))
        {
            parent = await system.SpawnAsync(program);
            var child = await system.SpawnAsync(kind: ProcessKind.Agent, parent: parent);
            await system.AskAsync(child, "Count.");
            Assert.Equal(ProcessState.Done, system.Table.Get(child).State);
            await system.SpawnAsync(kind: ProcessKind.Agent, parent: parent);
        }

        await using var again = new TestSystem(_home.Path, new PacedCpu());
        await Assert.ThrowsAsync<NoosException>(() => again.SpawnAsync(kind: ProcessKind.Agent, parent: parent));
        await again.AskAsync(parent, "One more.");
        await again.AskAsync(parent, "And more.");
        Assert.Contains(again.Journal.Reader.Events(parent), entry =>
            entry.Event is AnswerFailed { Reason: var reason } && reason.Contains("have spent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kill_reaches_children_that_nobody_has_touched_since_the_start()
    {
        long parent, child;
        await using (var system = new TestSystem(_home.Path, new PacedCpu()))
        {
            parent = await system.SpawnAsync();
            child = await system.SpawnAsync(kind: ProcessKind.Agent, parent: parent);
        }

        await using var again = new TestSystem(_home.Path, new PacedCpu());
        await again.Table.KillAsync(parent);

        Assert.Equal(ProcessState.Killed, again.Table.Get(child).State);
        await Assert.ThrowsAsync<NoosException>(() => again.SpawnAsync(kind: ProcessKind.Agent, parent: parent));

        await again.Table.DeleteAsync(parent, Token);
        Assert.Empty(again.Table.List(new ProcessFilter { IncludesEnded = true }));
        Assert.Empty(again.Journal.Reader.Check());
    }

    public void Dispose() => _home.Dispose();
}
