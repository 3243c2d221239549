using Noos.Core;
using Noos.Training.Model;
using Noos.Training.Optimizers;
using Noos.Training.Runs;

namespace Noos.Training.Tests.Runs;

public sealed class TrainingRunTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("noos-run-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TrainingRun_learns_a_pattern()
    {
        var losses = new List<double>();
        using var run = TinyTraining.Open(In("learn"), TinyTraining.Plan with { Steps = 150 }, new TinyTraining.Observer(metrics => losses.Add(metrics.Loss)));
        run.Run(CancellationToken.None);

        Assert.InRange(losses[0], 3.9, 4.6);
        Assert.True(losses[^1] < 1.5, $"The loss is still {losses[^1]}.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TrainingRun_stopped_and_resumed_equals_an_uninterrupted_one(bool muon)
    {
        var plan = muon ? TinyTraining.Plan with { Muon = new MuonOptions() } : TinyTraining.Plan;
        var expected = TinyTraining.Finish(In("whole"), plan);
        foreach (var stopAfter in new[] { 5, 8, 17 })
        {
            using var stop = new CancellationTokenSource();
            using var run = TinyTraining.Open(In("parts"), plan, new TinyTraining.Observer(metrics =>
            {
                if (metrics.Step == stopAfter)
                {
                    stop.Cancel();
                }
            }));
            run.Run(stop.Token);
            Assert.Equal(stopAfter, run.Step);
        }

        Assert.Equal(expected, TinyTraining.Finish(In("parts"), plan));
    }

    [Fact]
    public void TrainingRun_killed_at_three_points_resumes_to_bit_equal_weights()
    {
        var expected = TinyTraining.Finish(In("whole"));
        var killed = In("killed");
        KillWhen(killed, step => step == 6);
        KillWhileWriting(killed);
        KillWhen(killed, step => step >= 23);

        Assert.Equal(expected, TinyTraining.Finish(killed));
    }

    [Fact]
    public void TrainingRun_leaves_no_tensor_behind()
    {
        TinyTraining.Finish(In("first"));
        var before = TorchSharp.DisposeScopeManager.Statistics;

        TinyTraining.Finish(In("second"));

        Assert.Equal(before.ThreadTotalLiveCount, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void TrainingRun_meeting_nan_rolls_back_passes_over_the_rows_and_goes_on()
    {
        var observer = new TinyTraining.Observer(_ => { });
        var poison = new PoisonedRows();
        using var run = TinyTraining.Open(In("poisoned"), observer: observer, rows: poison);
        poison.Parameters = run.Parameters;
        run.Run(CancellationToken.None);

        Assert.True(run.IsComplete);
        Assert.Equal(RunEvent.RollBack, Assert.Single(observer.Events).Kind);
        Assert.DoesNotContain(run.Parameters.ToArray("output_norm.weight"), float.IsNaN);
    }

    [Fact]
    public void TrainingRun_with_other_settings_is_refused_in_a_folder_in_use()
    {
        TinyTraining.Finish(In("run"));

        var error = Assert.Throws<NoosException>(() => TinyTraining.Finish(In("run"), TinyTraining.Plan with { RowsPerStep = 6 }));
        Assert.Contains("other settings", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TrainingPlan_with_absurd_numbers_is_refused_in_one_sentence()
    {
        TrainingPlan[] absurd =
        [
            TinyTraining.Plan with { Steps = 0 },
            TinyTraining.Plan with { RowsPerStep = -1 },
            TinyTraining.Plan with { Workers = 0 },
            TinyTraining.Plan with { AdamW = new AdamWOptions { LearningRate = double.NaN } },
            TinyTraining.Plan with { Model = TinyTraining.Plan.Model with { HeadCount = 3, KeyValueHeadCount = 2 } },
            TinyTraining.Plan with { Model = TinyTraining.Plan.Model with { EmbeddingLength = 33 } },
        ];

        Assert.All(absurd, plan => Assert.Throws<NoosException>(() => TinyTraining.Finish(In("absurd"), plan)));
    }

    string In(string name) => Path.Combine(_folder, name);

    static void KillWhen(string folder, Func<long, bool> reached)
    {
        using var process = TinyTraining.Start(folder);
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (reached(long.Parse(line, System.Globalization.CultureInfo.InvariantCulture)))
            {
                break;
            }
        }

        Assert.False(process.HasExited, "The training ended before it could be killed.");
        process.Kill();
        process.WaitForExit();
    }

    // A checkpoint in the making is a folder whose name begins with a dot.
    static void KillWhileWriting(string folder)
    {
        using var process = TinyTraining.Start(folder);
        process.StandardOutput.ReadLine();
        while (!process.HasExited)
        {
            if (Directory.EnumerateDirectories(folder, ".step-*.tmp").Any())
            {
                process.Kill();
                process.WaitForExit();
                return;
            }
        }

        Assert.Fail("The training ended without being seen to write a checkpoint.");
    }

    // Once, between two steps, the weights are spoilt as by a fault of the machine.
    sealed class PoisonedRows : IRowSource
    {
        readonly TinyTraining.CountingRows _rows = new();
        bool _done;

        public Parameters? Parameters { get; set; }

        public TrainingRow Read(long index)
        {
            if (index >= 60 && !_done)
            {
                _done = true;
                Parameters!.Bytes[..4096].Fill(0xFF);
            }

            return _rows.Read(index);
        }
    }
}
