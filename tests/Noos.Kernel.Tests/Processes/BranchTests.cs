using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Processes;

/// <summary>A conversation that goes on from an earlier place.</summary>
public sealed class BranchTests : IDisposable
{
    readonly TemporaryFolder _home = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Edited_question_is_answered_without_what_came_after_it_and_a_switch_brings_that_back()
    {
        var cpu = Echo();
        await using var system = new TestSystem(_home.Path, cpu);
        var id = await SpawnAsync(system);
        await SayAsync(system, id, "one");
        await SayAsync(system, id, "two");
        var end = system.Table.LastEvents(id, 1)[0].Id;

        await system.Table.ReviseAsync(id, 2, Message.User("deux"), Token);
        await system.Table.WaitAsync(id, Token);

        Assert.Equal(["one", "a1", "deux", "a3"], Texts(system.Table.ReadHistory(id)));
        Assert.Equal(["one", "a1", "deux"], cpu.Turns[^1].Conversation.Messages.Select(message => message.Text()));

        await system.Table.SwitchAsync(id, end, Token);
        Assert.Equal(["one", "a1", "two", "a2"], Texts(system.Table.ReadHistory(id)));
        await SayAsync(system, id, "three");
        Assert.Equal(["one", "a1", "two", "a2", "three", "a4"], Texts(system.Table.ReadHistory(id)));
    }

    [Fact]
    public async Task First_question_is_asked_again_and_branches_of_branches_are_found_after_a_restart()
    {
        long id, first;
        await using (var system = new TestSystem(_home.Path, Echo()))
        {
            id = await SpawnAsync(system);
            await SayAsync(system, id, "one");
            first = system.Table.LastEvents(id, 1)[0].Id;
            await ReviseAsync(system, id, 0, null);
            await SayAsync(system, id, "two");
            await ReviseAsync(system, id, 2, "zwei");
            await ReviseAsync(system, id, 0, "eins");
            await SayAsync(system, id, "drei");
            Assert.Equal(["eins", "a5", "drei", "a6"], Texts(system.Table.ReadHistory(id)));
        }

        await using var again = new TestSystem(_home.Path, Echo());
        Assert.Equal(["eins", "a5", "drei", "a6"], Texts(again.Table.ReadHistory(id)));
        await again.Table.SwitchAsync(id, first, Token);
        await SayAsync(again, id, "more");
        Assert.Equal(["one", "a1", "more", "a1"], Texts(again.Table.ReadHistory(id)));
    }

    [Fact]
    public async Task Answer_under_way_is_stopped_and_stays_on_its_branch()
    {
        var cpu = new PacedCpu();
        await using var system = new TestSystem(_home.Path, cpu);
        var id = await SpawnAsync(system);
        cpu.Hold();
        await system.Table.SayAsync(id, Message.User("one"), Token);
        await system.Table.SayAsync(id, Message.User("waits"), Token);
        cpu.Let(2);
        cpu.Release();
        await system.Table.ReviseAsync(id, 0, Message.User("other"), Token);
        await system.Table.WaitAsync(id, Token);

        var history = system.Table.ReadHistory(id);
        Assert.Equal("other", history.Messages[0].Text());
        Assert.Equal(2, history.Messages.Count);
        Assert.False(history.IsAnswerDue);
        Assert.Equal(ProcessState.WaitingForPerson, system.Table.Get(id).State);
    }

    [Fact]
    public async Task History_in_memory_is_that_of_the_journal_after_any_row_of_branches()
    {
        var random = new Random(7);
        var cpu = Echo();
        await using var system = new TestSystem(_home.Path, cpu);
        var id = await SpawnAsync(system);
        var ends = new List<long>();
        for (var round = 0; round < 40; round++)
        {
            var questions = system.Table.ReadHistory(id).Messages.Index().Where(one => one.Item.Role == Role.User)
                .Select(one => one.Index).ToArray();
            switch (random.Next(3))
            {
                case 1 when questions.Length > 0:
                    await ReviseAsync(
                        system, id, questions[random.Next(questions.Length)], random.Next(2) == 0 ? null : $"q{round}");
                    break;
                case 2 when ends.Count > 0:
                    await system.Table.SwitchAsync(id, ends[random.Next(ends.Count)], Token);
                    break;
                default:
                    await SayAsync(system, id, $"q{round}");
                    break;
            }

            ends.Add(system.Table.LastEvents(id, 1)[0].Id);
            // What the model is told is what the journal says.
            await SayAsync(system, id, $"check {round}");
            Assert.Equal(
                Texts(system.Table.ReadHistory(id)).SkipLast(1), cpu.Turns[^1].Conversation.Messages.Select(message => message.Text()));
            ends.Add(system.Table.LastEvents(id, 1)[0].Id);
        }
    }

    [Fact]
    public async Task What_was_read_on_another_branch_still_counts_for_the_gate()
    {
        var read = new ScriptedTool(
            "read", (_, _) => ValueTask.FromResult(new ToolResult([new TextPart("foreign")], Origin: Origin.Web)));
        var cpu = new ScriptedCpu([ScriptedCpu.Call("c1", "read", "{}")], [new TextDelta("Read.")], [new TextDelta("Fine.")]);
        await using var system = new TestSystem(_home.Path, cpu, read);
        var id = await SpawnAsync(system);
        await SayAsync(system, id, "read it");
        await ReviseAsync(system, id, 0, "do not");

        Assert.Equal(["do not", "Fine."], Texts(system.Table.ReadHistory(id)));
        Assert.Equal(Origin.Web, system.Table.ReadHistory(id).Provenance.Taint);
    }

    [Fact]
    public async Task Runs_of_all_branches_can_be_made_again()
    {
        var cpu = new PacedCpu();
        await using var system = new TestSystem(_home.Path, cpu);
        var id = await SpawnAsync(system);
        await SayAsync(system, id, "one");
        await SayAsync(system, id, "two");
        await ReviseAsync(system, id, 0, "other");
        await SayAsync(system, id, "last");

        var replays = new List<RunReplay>();
        await foreach (var run in system.Table.ReplayAsync(id, Token))
        {
            replays.Add(run);
        }

        Assert.Equal(4, replays.Count);
        Assert.All(replays, run => Assert.Null(run.Difference));
    }

    [Fact]
    public async Task Only_questions_can_be_revised_and_only_events_of_the_process_gone_back_to()
    {
        await using var system = new TestSystem(_home.Path, Echo());
        var id = await SpawnAsync(system);
        var other = await SpawnAsync(system);
        await SayAsync(system, id, "one");
        await SayAsync(system, other, "two");
        var foreign = system.Table.LastEvents(other, 1)[0].Id;

        await Assert.ThrowsAsync<NoosException>(() => system.Table.ReviseAsync(id, 1, null, Token));
        await Assert.ThrowsAsync<NoosException>(() => system.Table.ReviseAsync(id, 9, null, Token));
        await Assert.ThrowsAsync<NoosException>(() => system.Table.SwitchAsync(id, foreign, Token));
        await Assert.ThrowsAsync<NoosException>(() => system.Table.GiveFeedbackAsync(id, new FeedbackGiven(foreign), Token));
    }

    [Fact]
    public async Task Feedback_is_in_the_journal_and_changes_nothing_of_the_conversation()
    {
        await using var system = new TestSystem(_home.Path, Echo());
        var id = await SpawnAsync(system);
        await SayAsync(system, id, "one");
        var answer = system.Table.Turns(id).Last(entry => entry.Event is RunEnded).Id;
        var feedback = new FeedbackGiven(answer, FeedbackVerdict.Bad, "Too short", "A longer answer.");

        await system.Table.GiveFeedbackAsync(id, feedback, Token);

        Assert.Equal(feedback, system.Table.LastEvents(id, 1)[0].Event);
        Assert.Equal(["one", "a1"], Texts(system.Table.ReadHistory(id)));
    }

    [Fact]
    public async Task Chosen_model_outlives_a_restart()
    {
        long id;
        await using (var system = new TestSystem(_home.Path, Echo()))
        {
            id = await SpawnAsync(system);
            await system.Table.ChooseModelAsync(id, "scripted", Token);
            await Assert.ThrowsAsync<NoosException>(() => system.Table.ChooseModelAsync(id, "nobody", Token));
            Assert.Equal("scripted", system.Table.Get(id).Program.Model);
        }

        await using var again = new TestSystem(_home.Path, Echo());
        Assert.Equal("scripted", again.Table.Get(id).Program.Model);
        await again.Table.ChooseModelAsync(id, null, Token);
        Assert.Null(again.Journal.Reader.Find(id)!.Program.Model);
    }

    static ScriptedCpu Echo() =>
        new([.. Enumerable.Range(1, 200).Select(i => (IReadOnlyList<CpuEvent>)[new TextDelta($"a{i}")])]);

    static Task<long> SpawnAsync(TestSystem system) => system.SpawnAsync();

    static Task<ProcessRecord> SayAsync(TestSystem system, long id, string text) => system.AskAsync(id, text);

    static async Task ReviseAsync(TestSystem system, long id, int index, string? text)
    {
        await system.Table.ReviseAsync(id, index, text is null ? null : Message.User(text), Token);
        await system.Table.WaitAsync(id, Token);
    }

    static string[] Texts(ProcessHistory history) => [.. history.Messages.Select(message => message.Text())];
}
