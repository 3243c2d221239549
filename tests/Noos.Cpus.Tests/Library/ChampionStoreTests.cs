using Noos.Core;
using Noos.Core.Conversations;
using Noos.Cpus.Library;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Cpus.Tests.Library;

public sealed class ChampionStoreTests : IDisposable
{
    static readonly DateTimeOffset s_now = new(2026, 11, 30, 8, 0, 0, TimeSpan.Zero);

    readonly TemporaryFolder _home = new();
    readonly TinyModel _model = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string Folder => ChampionStore.FolderIn(_home.Path);

    public void Dispose()
    {
        _model.Dispose();
        _home.Dispose();
    }

    [Fact]
    public void Ten_are_kept_and_numbers_go_on()
    {
        var store = new ChampionStore(Folder);
        for (var week = 1; week <= 13; week++)
        {
            Assert.Equal(week, Promote(store, week).Number);
        }

        Assert.Equal(Enumerable.Range(4, 10).Reverse(), store.List().Select(champion => champion.Number));
        Assert.Equal(13, store.Current!.Number);
        Assert.Equal(("champion-0013", store.Current.Path), ChampionStore.FindCurrent(Folder));
        Assert.Equal("champion-0007", ChampionStore.Find(Folder, "champion-7")!.Value.Name);
        Assert.Equal("champion-0013", ChampionStore.Find(Folder, "champion")!.Value.Name);
        Assert.Null(ChampionStore.Find(Folder, "champion-3"));
        Assert.Null(ChampionStore.Find(Folder, "champion-x"));
    }

    [Fact]
    public void Going_back_passes_over_those_that_were_left_and_ends_at_the_usual_model()
    {
        var store = new ChampionStore(Folder);
        Promote(store, 1);
        Promote(store, 2);
        Promote(store, 3);

        Assert.Equal(2, store.RollBack(null, s_now, "it loops")!.Number);
        Assert.Equal("it loops", store.List()[0].Reason);
        Assert.Equal(4, Promote(store, 4).Number);
        Assert.Equal(2, store.RollBack(null, s_now, "worse")!.Number);
        Assert.Equal(1, store.RollBack(null, s_now, "worse")!.Number);
        Assert.Equal(3, store.RollBack(3, s_now, "not so bad")!.Number);
        Assert.Null(store.Current!.RolledBack);
        Assert.Equal(3, store.Current.Number);
        Assert.Null(store.RollBack(null, s_now, "all are bad"));
        Assert.Null(ChampionStore.FindCurrent(Folder));
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<NoosException>(() => store.RollBack(null, s_now, "again")).Kind);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<NoosException>(() => store.RollBack(99, s_now, "again")).Kind);
        Assert.Equal(9, File.ReadLines(Path.Combine(Folder, "switches.txt")).Count());
    }

    [Fact]
    public void Promotion_that_was_killed_in_the_middle_is_done_once()
    {
        var store = new ChampionStore(Folder);
        Promote(store, 1);

        // Copied and not yet named; and half copied.
        var second = Promote(store, 2);
        File.WriteAllText(Path.Combine(Folder, "current"), $"0001/{Path.GetFileName(second.Path)}\n");
        Directory.CreateDirectory(Path.Combine(Folder, ".0003.tmp"));
        File.WriteAllText(Path.Combine(Folder, ".0003.tmp", "Tiny.gguf"), "half");

        Assert.Equal(2, Promote(store, 2).Number);
        Assert.Equal(2, Promote(store, 2).Number);
        Assert.Equal([2, 1], store.List().Select(champion => champion.Number));
        Assert.Empty(Directory.GetDirectories(Folder, ".*"));
        Assert.Equal(File.ReadAllBytes(_model.Path), File.ReadAllBytes(store.Current!.Path));
    }

    [Fact]
    public void Programs_that_change_it_at_the_same_time_wait_for_each_other()
    {
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, week => Promote(new ChampionStore(Folder), week));

        var all = new ChampionStore(Folder).List();
        Assert.Equal(Enumerable.Range(1, 8).Reverse(), all.Select(champion => champion.Number));
        Assert.Equal(Enumerable.Range(0, 8).Select(week => $"week {week}"), all.Select(champion => champion.Occasion).Order());
        Assert.Equal(8, all.Single(champion => champion.IsCurrent).Number);
    }

    [Fact]
    public async Task Pool_that_runs_answers_by_the_new_champion_from_its_next_turn_on_and_follows_back()
    {
        var models = _home.File("models");
        Directory.CreateDirectory(models);
        File.Copy(_model.Path, Path.Combine(models, "Tiny.gguf"));
        var options = new NoosOptions
        {
            Library = new ModelLibraryOptions { Folders = [models], PullFolder = models, ChampionFolder = Folder },
        };
        var store = new ChampionStore(Folder);
        await using var pool = ModelSource.OpenPool(options);
        Assert.Equal("Tiny", await AskAsync(pool));

        Promote(store, 1);
        Assert.Equal("champion-0001", await AskAsync(pool));
        await using (var started = ModelSource.OpenPool(options))
        {
            Assert.Equal("champion-0001", started.Info.Name);
            Promote(store, 2);
            Assert.Equal("champion-0002", await AskAsync(started));
            store.RollBack(null, s_now, "a test");
            Assert.Equal("champion-0001", await AskAsync(started));

            // The usual model again, although the pool was opened with a champion.
            store.RollBack(null, s_now, "a test");
            Assert.Equal("Tiny", await AskAsync(started));
        }

        Assert.Equal("Tiny", await AskAsync(pool));
        Promote(store, 3);
        Assert.Equal("Tiny", await AskAsync(pool, "Tiny"));
        Assert.Equal("champion-0003", await AskAsync(pool, "champion"));
        options.Model = "Tiny";
        await using var named = ModelSource.OpenPool(options);
        Assert.Equal("Tiny", await AskAsync(named));
    }

    static async Task<string> AskAsync(CpuPool pool, string? model = null)
    {
        var turn = new Turn(Conversation.From(Message.User("Hello"))) { Model = model, Options = new GenerationOptions { MaxTokens = 2 } };
        var name = pool.Describe(model).Name;
        await foreach (var item in pool.RunAsync(turn, Token))
        {
            if (item is RunFinished finished)
            {
                Assert.True(finished.Usage.GeneratedTokens > 0);
            }
        }

        return name;
    }

    Champion Promote(ChampionStore store, int week) =>
        store.Promote(_model.Path, $"week {week}", s_now.AddDays(7 * week), "better");
}
