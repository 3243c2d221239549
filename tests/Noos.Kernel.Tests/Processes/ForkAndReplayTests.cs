using Noos.Core;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Processes;

public sealed class ForkAndReplayTests : IDisposable
{
    readonly TemporaryFolder _home = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fork_at_any_event_has_the_same_past_and_goes_on_by_itself()
    {
        await using var system = new TestSystem(_home.Path, new PacedCpu());
        var id = await system.SpawnAsync(new ProcessProgram { Instructions = "Be brief." });
        await system.AskAsync(id, "Please call.");
        await system.AskAsync(id, "And more.");
        var said = system.Said(id).ToArray();

        foreach (var entry in system.Journal.Reader.Events(id))
        {
            var before = new ProcessHistory();
            foreach (var past in system.Journal.Reader.Turns(id, entry.Id))
            {
                before.Apply(past.Event);
            }

            var fork = await system.Table.ForkAsync(id, entry.Id, cancellationToken: Token);
            await system.Table.WaitAsync(fork.Id, Token);

            Assert.Equal(new ProcessOrigin(id, entry.Id), fork.Program.Origin);
            Assert.Equal("Be brief.", fork.Program.Instructions);
            Assert.Equal(before.Messages.Select(TestSystem.Describe), system.Said(fork.Id).Take(before.Messages.Count));
            Assert.Equal(ProcessState.WaitingForPerson, system.Table.Get(fork.Id).State);

            // What was under way there goes on from the same seed, and so comes to the same answer.
            if (before.IsAnswerDue && entry.Event is not JournalEvent { Kind: "said" or "state" })
            {
                var answer = system.Said(fork.Id).ToArray();
                Assert.Equal(said[..answer.Length], answer);
            }
        }
    }

    [Fact]
    public async Task Fork_is_on_its_own_and_costs_nothing_for_what_it_has_not_done()
    {
        await using var system = new TestSystem(_home.Path, new PacedCpu());
        var id = await system.SpawnAsync();
        await system.AskAsync(id, "Count the lighthouses.");
        var fork = (await system.Table.ForkAsync(id, title: "Other", cancellationToken: Token)).Id;

        Assert.Equal(0, system.Table.Get(fork).Usage.TokensOut);
        Assert.Equal("Other", system.Table.Get(fork).Title);
        await system.AskAsync(fork, "And the ships.");
        Assert.Equal(2, system.Said(id).Count());
        Assert.Equal(4, system.Said(fork).Count());
        Assert.Single(system.Journal.Reader.Search("lighthouses"));

        // A fork of a fork, after its origin is gone.
        await system.Table.DeleteAsync(id, Token);
        var third = (await system.Table.ForkAsync(fork, cancellationToken: Token)).Id;
        Assert.Equal(system.Said(fork), system.Said(third));
    }

    [Fact]
    public async Task Fork_keeps_what_a_person_ran_beside_its_answers_also_later_and_nothing_of_other_branches()
    {
        await using var system = new TestSystem(_home.Path, new PacedCpu());
        var id = await system.SpawnAsync();
        await system.AskAsync(id, "One.");
        await system.AskAsync(id, "Two.");
        await RunAsync(id, 1, answer: Answers()[0]);
        await RunAsync(id, 2, answer: Answers()[1]);

        var early = await ForkAsync(id, Answers()[0]);
        var whole = await ForkAsync(id);
        Assert.Equal([(1, 1)], Runs(early));
        Assert.Equal([(1, 1), (2, 3)], Runs(whole));

        await system.Table.ReviseAsync(id, 2, message: null, Token);
        await system.Table.WaitAsync(id, Token);
        await RunAsync(id, 3, answer: Answers()[^1]);
        Assert.Equal([(1, 1), (3, 3)], Runs(await ForkAsync(id)));
        Assert.Equal([(1, 1), (3, 3)], Places(system.Table.PersonCalls(id, system.Table.ReadHistory(id))));

        // A fork of a fork, after its origin is gone; what was run there belongs to the messages that it began with.
        await system.Table.DeleteAsync(id, Token);
        await RunAsync(whole, 4, messageIndex: 1);
        Assert.Equal([(1, 1), (2, 3), (4, 1)], Runs(await ForkAsync(whole)));

        // Where another question stands in the place of an old one, only what is before it is left.
        await system.Table.ReviseAsync(whole, 2, Core.Conversations.Message.User("Else."), Token);
        await system.Table.WaitAsync(whole, Token);
        Assert.Equal([(1, 1), (4, 1)], Runs(await ForkAsync(whole)));

        long[] Answers() => [.. system.Journal.Reader.Turns(id).Where(entry => entry.Event is RunEnded).Select(entry => entry.Id)];

        Task RunAsync(long process, int number, long answer = 0, int? messageIndex = null) => system.Table.CallForPersonAsync(
            process, ScriptedCpu.Call($"p{number}", "double", $$"""{"n":{{number}}}""").Call, answer, messageIndex, report: null, Token);

        async Task<long> ForkAsync(long process, long? at = null) =>
            (await system.Table.ForkAsync(process, at, cancellationToken: Token)).Id;

        (int, int?)[] Runs(long process) => Places(system.Table.Turns(process).Select(entry => entry.Event).OfType<PersonCalled>());

        static (int, int?)[] Places(IEnumerable<PersonCalled> calls) =>
            [.. calls.Select(call => (call.Call.Arguments.GetProperty("n").GetInt32(), call.MessageIndex))];
    }

    [Fact]
    public async Task Runs_come_out_as_they_were_recorded_also_after_a_restart_and_where_they_were_stopped()
    {
        long id;
        var cpu = new PacedCpu();
        await using (var system = new TestSystem(_home.Path, cpu))
        {
            id = await system.SpawnAsync(new ProcessProgram { Options = new GenerationOptions { MaxTokens = 5 } });
            await system.AskAsync(id, "Please call.");
            cpu.Hold();
            await system.Table.SayAsync(id, Core.Conversations.Message.User("More."), Token);
            cpu.Let(2);
            await system.HasWritten(id, 12);
            await system.Table.StopAsync(id);
        }

        await using var again = new TestSystem(_home.Path, new PacedCpu());
        var runs = await CollectAsync(again.Table, id);

        Assert.Equal([6, 5, 2], runs.Select(run => run.Tokens));
        Assert.All(runs, run => Assert.Null(run.Difference));
    }

    [Fact]
    public async Task First_difference_is_shown_and_a_cpu_that_cannot_repeat_itself_is_refused()
    {
        long id;
        await using (var system = new TestSystem(_home.Path, new PacedCpu()))
        {
            id = await system.SpawnAsync();
            await system.AskAsync(id, "Count.");
        }

        await using (var other = new TestSystem(_home.Path, new PacedCpu { Offset = 1 }))
        {
            var run = Assert.Single(await CollectAsync(other.Table, id));
            Assert.Equal(0, run.Difference!.Index);
            Assert.Equal(run.Difference.Recorded + 1, run.Difference.Replayed);
            Assert.StartsWith($"t{run.Difference.Replayed} ", run.Difference.ReplayedText, StringComparison.Ordinal);
        }

        await using (var shorter = new TestSystem(_home.Path, new PacedCpu(4)))
        {
            Assert.Equal((4, (int?)null), Assert.Single(await CollectAsync(shorter.Table, id)).Difference is { } difference
                ? (difference.Index, difference.Replayed)
                : default);
        }

        await using (var unable = new TestSystem(_home.Path, new PacedCpu { Info = new CpuInfo("paced") }))
        {
            Assert.Equal(ErrorKind.Refused, (await Assert.ThrowsAsync<NoosException>(() => CollectAsync(unable.Table, id))).Kind);
        }

        await using var foreign = new TestSystem(_home.Path, new PacedCpu { Info = new CpuInfo("large", CpuFeatures.Replay) });
        Assert.Contains("ran paced and not large", (await Assert.ThrowsAsync<NoosException>(() => CollectAsync(foreign.Table, id))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Defaults_of_the_cpu_are_recorded_so_that_another_start_repeats_them()
    {
        long id;
        var defaults = new GenerationOptions { Temperature = 0.7f, MaxTokens = 3, Seed = 5 };
        await using (var system = new TestSystem(
            _home.Path, new PacedCpu { Info = new CpuInfo("paced", CpuFeatures.Replay) { Defaults = defaults } }))
        {
            id = await system.SpawnAsync();
            await system.AskAsync(id, "Count.");
            var began = system.Journal.Reader.Events(id).Select(entry => entry.Event).OfType<RunBegan>().Single();
            Assert.Equal(((ulong?)5, 0.7f, 3), (began.Seed, began.Options!.Temperature, began.Options.MaxTokens));
        }

        await using var again = new TestSystem(_home.Path, new PacedCpu());
        Assert.Null(Assert.Single(await CollectAsync(again.Table, id)).Difference);
    }

    public void Dispose() => _home.Dispose();

    static async Task<List<RunReplay>> CollectAsync(ProcessTable table, long id)
    {
        var runs = new List<RunReplay>();
        await foreach (var run in table.ReplayAsync(id, Token))
        {
            runs.Add(run);
        }

        return runs;
    }
}
