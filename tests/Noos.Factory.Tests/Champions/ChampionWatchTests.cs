using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Cpus.Library;
using Noos.Factory.Champions;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Factory.Tests.Champions;

public sealed class ChampionWatchTests : IDisposable
{
    static readonly DateTimeOffset s_now = new(2026, 11, 30, 8, 0, 0, TimeSpan.Zero);

    readonly TemporaryFolder _home = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData(0.03)]
    [InlineData(0.2)]
    public void Nobody_is_left_by_chance_however_often_one_looks(double share)
    {
        var alarms = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            // The evidence is the greatest of all looks, after every answer.
            alarms += Look(seed, share, share, 400) ? 1 : 0;
        }

        Assert.InRange(alarms, 0, 20);
    }

    [Fact]
    public void Rise_of_loops_is_seen_within_two_hundred_answers()
    {
        var seen = Enumerable.Range(0, 100).Count(seed => Look(seed, 0.03, 0.2, 200));

        Assert.InRange(seen, 80, 100);
    }

    [Fact]
    public void Sure_rise_that_is_too_small_to_matter_changes_nothing()
    {
        var signals = new ChampionWatch(new WatchOptions { MaxAnswers = 20_000 }).Look(Answers(1, 0.5, 20_000), Answers(2, 0.6, 20_000));

        var loops = signals.Single(signal => signal.Name == "loops");
        Assert.True(loops.Evidence > 60);
        Assert.False(loops.HasRisen);
    }

    [Fact]
    public async Task Champion_with_thumbs_down_and_failing_tools_in_a_real_journal_is_left_for_the_one_before()
    {
        using var model = new TinyModel();
        var store = new ChampionStore(_home.File("champions"));
        store.Promote(model.Path, "week 1", s_now.AddDays(-7), "good");
        var promoted = TimeProvider.System.GetUtcNow();
        await FillAsync(_home.Path, "champion-0001", bad: 0, 25);
        var second = store.Promote(model.Path, "week 2", TimeProvider.System.GetUtcNow(), "better");
        Assert.Equal("champion-0002", ChampionStore.FindCurrent(_home.File("champions"))!.Value.Name);
        await FillAsync(_home.Path, second.Name, bad: 25, 25);
        using var journal = JournalReader.Open(Path.Combine(_home.Path, Journal.FileName));

        var result = new ChampionWatch(new WatchOptions()).Act(store, journal, s_now);

        Assert.Equal(second.Number, result.Champion!.Number);
        Assert.Contains("thumbs down", result.Reason, StringComparison.Ordinal);
        Assert.Equal(1, result.Next!.Number);
        Assert.Equal(1, store.Current!.Number);
        Assert.Contains("100.0 % of 25 answers were found bad, 0.0 % of 25 before", store.List()[0].Reason, StringComparison.Ordinal);
        Assert.Equal(["loops", "thumbs down", "tool errors"], result.Signals.Select(signal => signal.Name));
        Assert.Equal((0, 1), (result.Signals[2].Before, result.Signals[2].Now));
        Assert.True(promoted < TimeProvider.System.GetUtcNow());

        // The one before is compared with nothing that came later.
        Assert.Null(new ChampionWatch(new WatchOptions()).Act(store, journal, s_now).Reason);
    }

    [Fact]
    public async Task Loop_that_the_guard_has_cut_is_in_the_journal()
    {
        await using (var journal = Journal.Open(_home.Path))
        await using (var table = new ProcessTable(journal, new LoopingCpu(), new ToolGate(new ToolLimits()), []))
        {
            var process = await table.SpawnAsync("me", ProcessKind.Conversation, new ProcessProgram(), null, Token);
            await table.SayAsync(process.Id, Message.User("Well?"), Token);
            await table.WaitAsync(process.Id, Token);
        }

        using var reader = JournalReader.Open(Path.Combine(_home.Path, Journal.FileName));
        var answer = Assert.Single(AnswerOutcome.Read(reader));

        Assert.Equal(("looping", true, false, false), (answer.Model, answer.IsLoop, answer.IsBad, answer.HasToolError));
    }

    sealed class LoopingCpu : ICpu
    {
        public CpuInfo Info { get; } = new("looping");

        public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => 1;

        public async IAsyncEnumerable<CpuEvent> RunAsync(
            Turn turn, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            yield return new TextDelta("Again and");
            yield return new RunFinished(new TokenUsage(1, 0, 2), FinishReasons.Stop, 1) { StopReason = StopReasons.Loop };
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    static bool Look(int seed, double before, double after, int count) =>
        new ChampionWatch(new WatchOptions()).Look(Answers(seed, before, count), Answers(seed + 5000, after, count))
            .Any(signal => signal.HasRisen);

    static AnswerOutcome[] Answers(int seed, double loops, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => new AnswerOutcome("m", s_now) { IsLoop = random.NextDouble() < loops })];
    }

    static async Task FillAsync(string home, string model, int bad, int count)
    {
        var failing = new ScriptedTool("look", (_, _) => ValueTask.FromResult(ToolResult.Error("It is closed.")));
        await using var journal = Journal.Open(home);
        var replies = Enumerable.Range(0, count).SelectMany(number => (IReadOnlyList<CpuEvent>[])(number < bad
            ? [[ScriptedCpu.Call("c1", "look", "{}")], [new TextDelta("It is closed.")]]
            : [[new TextDelta("Fine.")]])).ToArray();
        await using var table = new ProcessTable(
            journal, new ScriptedCpu(replies) { Info = new CpuInfo(model) }, new ToolGate(new ToolLimits()), [failing]);
        for (var number = 0; number < count; number++)
        {
            var process = await table.SpawnAsync("me", ProcessKind.Conversation, new ProcessProgram(), null, Token);
            await table.SayAsync(process.Id, Message.User("Well?"), Token);
            await table.WaitAsync(process.Id, Token);
            var answer = table.Turns(process.Id).Last(entry => entry.Event is RunEnded).Id;
            await table.GiveFeedbackAsync(
                process.Id, new FeedbackGiven(answer, number < bad ? FeedbackVerdict.Bad : FeedbackVerdict.Good), Token);
        }
    }
}
