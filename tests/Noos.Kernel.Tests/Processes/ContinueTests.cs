using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Processes;

/// <summary>An answer that was cut short goes on, and a question is changed while it waits.</summary>
public sealed class ContinueTests : IDisposable
{
    readonly TemporaryFolder _home = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Answer_goes_on_in_the_same_message_also_for_whoever_reads_the_journal_later()
    {
        var cpu = Speaker(CpuFeatures.Continue);
        long id;
        await using (var system = new TestSystem(_home.Path, cpu))
        {
            id = await system.SpawnAsync();
            await system.AskAsync(id, "Tell a story");

            Assert.True(await system.Table.ContinueAsync(id, Token));
            await system.Table.WaitAsync(id, Token);

            Assert.Equal(["User: Tell a story", "Assistant: Once upon a time."], system.Said(id));
            Assert.Equal((false, true), (cpu.Turns[0].ContinuesAnswer, cpu.Turns[1].ContinuesAnswer));
            Assert.Equal("Once upon", cpu.Turns[1].Conversation.Messages[^1].Text());
        }

        await using var again = new TestSystem(_home.Path, cpu);
        await again.AskAsync(id, "And then?");
        Assert.Equal(
            ["User: Tell a story", "Assistant: Once upon a time.", "User: And then?", "Assistant: The end."], again.Said(id));
        Assert.False(cpu.Turns[^1].ContinuesAnswer);
    }

    [Fact]
    public async Task Model_that_cannot_go_on_with_its_own_words_is_asked_to()
    {
        var cpu = Speaker(CpuFeatures.None);
        await using var system = new TestSystem(_home.Path, cpu);
        var id = await system.SpawnAsync();
        await system.AskAsync(id, "Tell a story");

        Assert.False(await system.Table.ContinueAsync(id, Token));
        await system.Table.WaitAsync(id, Token);

        Assert.Equal(ProcessTable.ContinueQuestion, cpu.Turns[1].Conversation.Messages[^1].Text());
        Assert.Equal(4, system.Said(id).Count());
    }

    [Fact]
    public async Task Answer_that_is_cut_short_while_it_goes_on_goes_on_after_the_next_start()
    {
        var first = new PacedCpu { Info = new CpuInfo("paced", CpuFeatures.Continue | CpuFeatures.Replay) };
        long id;
        string begun;
        await using (var system = new TestSystem(_home.Path, first))
        {
            id = await system.SpawnAsync();
            await system.AskAsync(id, "one");
            begun = system.Table.ReadHistory(id).Messages[^1].Text();
            first.Hold();
            await system.Table.ContinueAsync(id, Token);
            first.Let(2);
            await system.HasWritten(id, 8);
        }

        var second = new PacedCpu { Info = first.Info };
        await using var again = new TestSystem(_home.Path, second);
        Assert.Equal(1, await again.Table.RecoverAsync());
        await again.Table.WaitAsync(id, Token);

        var history = again.Table.ReadHistory(id);
        Assert.Equal(2, history.Messages.Count);
        Assert.StartsWith(begun, history.Messages[1].Text(), StringComparison.Ordinal);
        Assert.Equal(12, history.Messages[1].Text().Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
        // The run that went on is made again as it was.
        Assert.All(await again.Table.ReplayAsync(id, Token).ToListAsync(Token), replay => Assert.Null(replay.Difference));
    }

    [Theory]
    [InlineData(CpuFeatures.None, ProcessKind.Conversation, true)]
    [InlineData(CpuFeatures.Replay, ProcessKind.Conversation, false)]
    [InlineData(CpuFeatures.None, ProcessKind.Job, false)]
    public async Task Text_that_would_not_be_written_again_stays_as_it_was_read_when_the_system_stopped(
        CpuFeatures can, ProcessKind kind, bool isKept)
    {
        var first = new PacedCpu { Info = new CpuInfo("paced", can) };
        long id;
        await using (var system = new TestSystem(_home.Path, first))
        {
            id = await system.SpawnAsync(kind: kind);
            first.Hold();
            await system.Table.SayAsync(id, Message.User("one"), Token);
            first.Let(2);
            await system.HasWritten(id, 2);
        }

        var second = new PacedCpu { Info = first.Info, Offset = 5000 };
        await using var again = new TestSystem(_home.Path, second);
        var written = string.Concat(
            again.Journal.Reader.Events(id).Select(entry => entry.Event).OfType<Wrote>().Select(wrote => wrote.Text));
        Assert.Equal(1, await again.Table.RecoverAsync());
        await again.Table.WaitAsync(id, Token);

        var answer = again.Table.ReadHistory(id).Messages[^1].Text();
        Assert.Equal(isKept, answer == written);
        Assert.Equal(isKept ? 2 : 6, answer.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(isKept ? 0 : 1, second.Begun);
        Assert.Equal(
            isKept,
            again.Table.Turns(id).Select(entry => entry.Event).OfType<AnswerStopped>().Any(stopped => stopped.Reason is not null));
        if (isKept)
        {
            Assert.Equal(ProcessState.WaitingForPerson, again.Table.Get(id).State);
            // A person says whether it goes on; and a question that waited is asked.
            await again.AskAsync(id, "two");
            Assert.Equal(["one", "two"], again.Table.ReadHistory(id).Messages.Where(message => message.Role == Role.User)
                .Select(message => message.Text()));
        }
    }

    [Fact]
    public async Task Question_that_waited_behind_an_interrupted_answer_is_answered_after_the_start()
    {
        var first = new PacedCpu { Info = new CpuInfo("paced") };
        long id;
        await using (var system = new TestSystem(_home.Path, first))
        {
            id = await system.SpawnAsync();
            first.Hold();
            await system.Table.SayAsync(id, Message.User("one"), Token);
            await system.Table.SayAsync(id, Message.User("two"), Token);
            first.Let(2);
            await system.HasWritten(id, 2);
        }

        await using var again = new TestSystem(_home.Path, new PacedCpu { Info = first.Info });
        await again.Table.RecoverAsync();
        await again.Table.WaitAsync(id, Token);

        Assert.Equal(
            [("User", 1), ("Assistant", 2), ("User", 1), ("Assistant", 6)],
            again.Table.ReadHistory(id).Messages.Select(message =>
                (message.Role.ToString(), message.Text().Split(' ', StringSplitOptions.RemoveEmptyEntries).Length)));
    }

    [Fact]
    public async Task Nothing_goes_on_where_nothing_was_said()
    {
        await using var system = new TestSystem(_home.Path, Speaker(CpuFeatures.Continue));
        var id = await system.SpawnAsync();

        await Assert.ThrowsAsync<NoosException>(() => system.Table.ContinueAsync(id, Token));
    }

    [Fact]
    public async Task Question_is_changed_or_taken_back_while_it_waits_and_not_when_it_is_asked()
    {
        var cpu = new PacedCpu();
        await using var system = new TestSystem(_home.Path, cpu);
        var id = await system.SpawnAsync();
        cpu.Hold();
        await system.Table.SayAsync(id, Message.User("one"), Token);
        var queued = new List<long>();
        foreach (var text in (string[])["two", "three"])
        {
            queued.Add((await system.Table.SayAsync(id, Message.User(text), options: null, Token)).Event);
        }

        await system.Table.ChangeQueuedAsync(id, queued[0], Message.User("zwei"), Token);
        await system.Table.ChangeQueuedAsync(id, queued[1], null, Token);
        Assert.Equal("zwei", Assert.Single(system.Table.ReadHistory(id).Queue).Text());
        cpu.Release();
        await system.Table.WaitAsync(id, Token);

        Assert.Equal(
            ["one", "zwei"],
            system.Table.ReadHistory(id).Messages.Where(message => message.Role == Role.User).Select(message => message.Text()));
        await Assert.ThrowsAsync<NoosException>(() => system.Table.ChangeQueuedAsync(id, queued[0], null, Token));
        // What was taken back is nowhere any more that is read; what was put in its place is found.
        Assert.NotEmpty(system.Table.Search("zwei"));
        Assert.DoesNotContain(system.Table.Turns(id), entry => entry.Event is AnswerFailed);
    }

    static ScriptedCpu Speaker(CpuFeatures can) => new(
        [new TextDelta("Once upon")], [new TextDelta(" a time.")], [new TextDelta("The end.")])
    {
        Info = new CpuInfo("scripted", can),
    };
}
