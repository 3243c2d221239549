using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Noos.Core;
using Noos.Language.Safetensors;
using Noos.Training.Checkpoints;
using Noos.Training.Runs;
using static Noos.Training.Tests.Checkpoints.CheckpointWriterProcess;

namespace Noos.Training.Tests.Checkpoints;

public sealed class CheckpointStoreTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("noos-checkpoints-").FullName;
    readonly List<string> _warnings = [];

    CheckpointOptions Options => new() { Warn = _warnings.Add };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Saved_state_and_tensors_load_back()
    {
        using (var store = CheckpointStore.Open(_folder, Options))
        {
            Assert.Null(store.LoadLatest());
            store.Save(
                new TrainingState
                {
                    Step = 7,
                    Tokens = 70,
                    Rows = 3,
                    RandomState = [1, 2, 255],
                    ConfigHash = "abc",
                    LearningRateScale = 0.1,
                    SkippedUpdates = 2,
                    Outliers = new OutlierDetectorState([1.1, 2.2], [0.1, 1e-300], 1),
                    Extra = { ["best"] = JsonSerializer.SerializeToElement(1.25) },
                },
                Blobs(7));
        }

        using var again = CheckpointStore.Open(_folder, Options);
        var loaded = again.LoadLatest()!;
        AssertIntact(loaded);
        var state = loaded.State;
        Assert.Equal((7L, 70L, 3L, "abc", 0.1, 2L),
            (state.Step, state.Tokens, state.Rows, state.ConfigHash, state.LearningRateScale, state.SkippedUpdates));
        Assert.Equal([1, 2, 255], state.RandomState);
        Assert.Equal([1.1, 2.2], state.Outliers!.Losses);
        Assert.Equal([0.1, 1e-300], state.Outliers.GradientNorms);
        Assert.Equal(1.25, state.Extra["best"].GetDouble());
        Assert.EndsWith("step-000000007", loaded.Folder, StringComparison.Ordinal);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Rotation_keeps_the_last_three_and_every_tenth()
    {
        using var store = CheckpointStore.Open(_folder, Options);
        for (var step = 100; step <= 2500; step += 100)
        {
            Save(store, step);
        }

        Assert.Equal([1000, 2000, 2300, 2400, 2500], Steps());
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData("DONE", true)]
    [InlineData("DONE", false)]
    [InlineData("model.safetensors", true)]
    [InlineData("model.safetensors", false)]
    [InlineData("state.json", true)]
    [InlineData("state.json", false)]
    public void Damaged_checkpoint_is_skipped_with_a_warning_and_removed_only_after_a_newer_intact_one(string file, bool delete)
    {
        using var store = CheckpointStore.Open(_folder, Options);
        Save(store, 1);
        Save(store, 2);
        var path = Path.Combine(_folder, "step-000000002", file);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 0x55;
        File.WriteAllBytes(path, bytes);
        if (delete)
        {
            File.Delete(path);
        }

        Assert.Equal(1, store.LoadLatest()!.State.Step);
        Assert.Contains("step-000000002", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Equal([1, 2], Steps());
        Save(store, 3);
        Assert.Equal([1, 3], Steps());
        Assert.Contains("Removed the checkpoint 'step-000000002'", _warnings[^1], StringComparison.Ordinal);
        AssertIntact(store.LoadLatest()!);
    }

    [Fact]
    public void Roll_back_loads_an_earlier_step_and_the_next_save_removes_the_abandoned_later_ones()
    {
        using var store = CheckpointStore.Open(_folder, Options);
        Save(store, 10);
        Save(store, 20);
        Save(store, 30);
        Assert.Equal(10, store.LoadLatest(maxStep: 19)!.State.Step);
        Save(store, 15);
        Assert.Equal([10, 15], Steps());
        Assert.Equal(2, _warnings.Count);
    }

    [Fact]
    public void Save_into_a_folder_with_checkpoints_that_were_not_loaded_is_refused()
    {
        using (var store = CheckpointStore.Open(_folder))
        {
            Save(store, 10);
            Save(store, 20);
        }

        using var other = CheckpointStore.Open(_folder);
        var error = Assert.Throws<NoosException>(() => Save(other, 5));
        Assert.Contains("resume", error.Message, StringComparison.Ordinal);
        Assert.Equal([10, 20], Steps());
    }

    [Fact]
    public void First_checkpoint_cut_short_leaves_a_folder_where_the_training_begins_anew()
    {
        using (var store = CheckpointStore.Open(_folder))
        {
            Save(store, 0);
            File.Delete(Path.Combine(_folder, "step-000000000", "DONE"));
        }

        using var again = CheckpointStore.Open(_folder, Options);
        Assert.False(again.HasCheckpoints);
        Assert.Null(again.LoadLatest());
        Save(again, 0);
        AssertIntact(again.LoadLatest()!);
        Assert.Empty(Directory.GetDirectories(_folder, ".*"));
    }

    [Fact]
    public void Reader_without_the_lock_sees_the_latest_checkpoint_during_training()
    {
        Assert.Null(CheckpointStore.ReadLatest(Path.Combine(_folder, "absent")));
        using var store = CheckpointStore.Open(_folder);
        Save(store, 1);
        AssertIntact(CheckpointStore.ReadLatest(_folder)!);
    }

    [Fact]
    public void Second_training_in_the_same_folder_is_refused_and_names_the_first()
    {
        using (CheckpointStore.Open(_folder))
        {
            var error = Assert.Throws<NoosException>(() => CheckpointStore.Open(_folder));
            Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        }

        CheckpointStore.Open(_folder).Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Failing_disk_during_a_save_leaves_all_earlier_checkpoints(bool sameStep)
    {
        using var store = CheckpointStore.Open(_folder, Options);
        Save(store, 1);
        Save(store, 2);
        CheckpointBlob[] failing = [
            .. Blobs(3), new("last", [new("x", SafetensorsType.U8, [9], _ => throw new IOException("Input/output error"))])];
        var error = Assert.Throws<NoosException>(() => store.Save(new TrainingState { Step = sameStep ? 2 : 3 }, failing));
        Assert.Contains("Input/output error", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2], Steps());
        Assert.Empty(Directory.GetDirectories(_folder, ".*"));
        AssertIntact(store.LoadLatest()!);
        Save(store, 3);
        Assert.Equal([1, 2, 3], Steps());
    }

    [Fact]
    public void Full_disk_during_a_save_leaves_all_earlier_checkpoints_and_says_so()
    {
        // A real small disk; only root may mount one.
        Assert.SkipUnless(OperatingSystem.IsLinux()
            && Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", _folder), "Mounting is not permitted here.");
        try
        {
            using var store = CheckpointStore.Open(_folder, Options);
            Save(store, 1);

            // Every size up to more than what is free, so that each file of a checkpoint meets the end of the disk once.
            var failures = 0;
            for (var size = 100_000; size < 300_000; size += 10_000)
            {
                try
                {
                    store.Save(new TrainingState { Step = 1, Tokens = 10 }, Blobs(1, size));
                }
                catch (NoosException e)
                {
                    failures++;
                    Assert.StartsWith("The disk is full", e.Message, StringComparison.Ordinal);
                }

                Assert.Equal([1], Steps());
                Assert.Empty(Directory.GetDirectories(_folder, ".*"));
                AssertIntact(store.LoadLatest()!);
            }

            Assert.True(failures > 3, $"{failures} failures");
            Assert.Empty(_warnings);
        }
        finally
        {
            Assert.True(Run("umount", "-l", _folder));
        }
    }

    [Fact]
    public void Process_killed_at_any_moment_leaves_a_loadable_checkpoint_no_older_than_the_last_reported()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("NOOS_TEST_KILLS") ?? "8", CultureInfo.InvariantCulture);
        var random = new Random(5);
        var (last, unfinished) = (0L, 0);
        for (var i = 0; i < kills; i++)
        {
            using (var process = Start(_folder))
            {
                last = Math.Max(last, long.Parse(process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture));
                Thread.Sleep(TimeSpan.FromMilliseconds(random.NextDouble() * 60));
                process.Kill();
                while (process.StandardOutput.ReadLine() is { } line)
                {
                    last = Math.Max(last, long.Parse(line, CultureInfo.InvariantCulture));
                }

                process.WaitForExit();
            }

            unfinished += Directory.GetDirectories(_folder, ".*").Length + Directory.GetDirectories(_folder, "step-*")
                .Count(f => !File.Exists(Path.Combine(f, "DONE")));
            using var store = CheckpointStore.Open(_folder, Options);
            Assert.Empty(Directory.GetDirectories(_folder, ".*.tmp"));
            var loaded = store.LoadLatest()!;
            AssertIntact(loaded);
            Assert.True(loaded.State.Step >= last, $"step {last} was reported as saved, but {loaded.State.Step} was loaded");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills, {unfinished} unfinished folders met, step {last}");
        Assert.All(_warnings, w => Assert.Contains("was not written to its end", w, StringComparison.Ordinal));
    }

    static void Save(CheckpointStore store, long step) => store.Save(new TrainingState { Step = step, Tokens = step * 10 }, Blobs(step));

    static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }

    IEnumerable<long> Steps() =>
        Directory.GetDirectories(_folder, "step-*")
            .Select(f => long.Parse(Path.GetFileName(f)["step-".Length..], CultureInfo.InvariantCulture))
            .Order();
}
