using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Noos.Core;
using Noos.Language.Safetensors;
using Noos.Training.Checkpoints;
using Noos.Training.Model;
using Noos.Training.Objectives;
using Noos.Training.Optimizers;
using Noos.Training.Runs;
using Noos.Training.Tests.Kernels;

namespace Noos.Training.Tests.Runs;

public sealed class TrainingRunTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("noos-run-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TrainingRun_learns_a_pattern()
    {
        var losses = new List<double>();
        using var run = TinyTraining.Open(
            In("learn"), TinyTraining.Plan with { Steps = 150 }, new TinyTraining.Observer(metrics => losses.Add(metrics.Loss)));
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
    public void TrainingRun_at_a_constant_rate_can_be_made_longer()
    {
        var plan = TinyTraining.Plan with { DecayFraction = 0 };
        TinyTraining.Finish(In("grown"), plan with { Steps = 11 });

        Assert.Equal(TinyTraining.Finish(In("whole"), plan), TinyTraining.Finish(In("grown"), plan));

        // One that falls is another run when it is longer.
        TinyTraining.Finish(In("falls"), TinyTraining.Plan with { Steps = 11 });
        Assert.Throws<NoosException>(() => TinyTraining.Open(In("falls")));
    }

    [Fact]
    public void TrainingRun_stopped_within_an_evaluation_gives_it_up_and_saves()
    {
        using var stop = new CancellationTokenSource();
        var evaluator = new StoppedEvaluation(stop);
        using (var run = TinyTraining.Open(In("parts"), new RunServices(), evaluator: evaluator))
        {
            run.Run(stop.Token);
            Assert.Equal(TinyTraining.Plan.EvaluateEvery, run.Step);
        }

        Assert.Equal(TinyTraining.Plan.EvaluateEvery, CheckpointStore.ReadLatest(In("parts"))!.State.Step);
        Assert.Equal(TinyTraining.Finish(In("whole")), TinyTraining.Finish(In("parts")));
    }

    sealed class StoppedEvaluation(CancellationTokenSource stop) : IEvaluator
    {
        public Evaluation Evaluate(ModelSnapshot model, CancellationToken cancellationToken = default)
        {
            stop.Cancel();
            throw new OperationCanceledException(cancellationToken);
        }
    }

    [Theory]
    [MemberData(nameof(KernelsOfThisMachine.Names), MemberType = typeof(KernelsOfThisMachine))]
    public void TrainingRun_of_every_kernel_resumes_to_bit_equal_weights_and_learns(string kernel)
    {
        var products = KernelsOfThisMachine.Options(kernel);
        var plan = TinyTraining.Plan with { Kernels = products.Kernels, Precision = products.Precision };
        var losses = new List<double>();
        using (var stop = new CancellationTokenSource())
        using (var run = TinyTraining.Open(In("parts"), plan, new TinyTraining.Observer(metrics =>
        {
            losses.Add(metrics.Loss);
            if (metrics.Step == 17)
            {
                stop.Cancel();
            }
        })))
        {
            run.Run(stop.Token);
        }

        Assert.Equal(TinyTraining.Finish(In("whole"), plan), TinyTraining.Finish(In("parts"), plan));
        Assert.True(losses[^1] < 0.9 * losses[0], $"{losses[0]} to {losses[^1]}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TrainingRun_killed_at_three_points_resumes_to_bit_equal_weights(bool writesBeside)
    {
        var expected = TinyTraining.Finish(In("whole"));
        var killed = In("killed");
        KillWhen(killed, step => step == 6, writesBeside);
        KillWhileWriting(killed, writesBeside);
        KillWhen(killed, step => step >= 23, writesBeside);

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
    public void TrainingRun_started_under_the_hash_of_version_0_1_resumes_to_bit_equal_weights_and_takes_todays_hash()
    {
        var expected = TinyTraining.Finish(In("whole"));
        using (var stop = new CancellationTokenSource())
        using (var run = TinyTraining.Open(In("old"), observer: StopAfter(8, stop)))
        {
            run.Run(stop.Token);
        }

        // The folder as the old version would have left it: the same state, its own hash.
        using (var store = CheckpointStore.Open(In("old")))
        {
            var checkpoint = store.LoadLatest()!;
            using var model = checkpoint.Open(TrainingRun.ModelBlob);
            using var optimizer = checkpoint.Open("optimizer");
            store.Save(
                checkpoint.State with { ConfigHash = TrainingPlanTests.LegacyHashOfTinyPlan },
                [Copy(TrainingRun.ModelBlob, model), Copy("optimizer", optimizer)]);
        }

        Assert.Equal(expected, TinyTraining.Finish(In("old")));
        Assert.Equal(TinyTraining.Plan.Hash(), CheckpointStore.ReadLatest(In("old"))!.State.ConfigHash);

        static CheckpointBlob Copy(string name, SafetensorsFile file) =>
            new(name, file.Names.Select(tensor =>
            {
                var bytes = file.Data(tensor).ToArray();
                return new SafetensorsEntry(tensor, SafetensorsType.F32, [bytes.Length / 4], bytes);
            }).ToList());
    }

    [Fact]
    public async Task TrainingRuns_in_one_process_one_after_the_other_on_threads_of_their_own_are_independent()
    {
        var expected = TinyTraining.Finish(In("alone"));
        foreach (var name in new[] { "first", "second" })
        {
            var caller = Environment.CurrentManagedThreadId;
            var threads = new HashSet<int>();
            using var run = TinyTraining.Open(
                In(name), observer: new TinyTraining.Observer(_ => threads.Add(Environment.CurrentManagedThreadId)));

            await run.RunAsync(TestContext.Current.CancellationToken);

            Assert.True(run.IsComplete);
            Assert.DoesNotContain(caller, threads);
            Assert.Equal(expected, run.Parameters.Bytes.ToArray());
        }
    }

    [Fact]
    public async Task TrainingRun_asked_to_stop_ends_normally_with_its_state_saved()
    {
        using var stop = new CancellationTokenSource();
        using var run = TinyTraining.Open(In("stopped"), observer: StopAfter(7, stop));

        await run.RunAsync(stop.Token);

        Assert.False(run.IsComplete);
        Assert.Equal(7, CheckpointStore.ReadLatest(In("stopped"))!.State.Step);
    }

    [Fact]
    public void TrainingRun_tells_progress_log_and_meter_what_it_does_by_the_clock_it_was_given()
    {
        var reports = new List<RunProgress>();
        var log = new Messages();
        var (tokens, steps) = (0L, 0L);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "Noos.Training")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            _ = instrument.Name == "noos.training.tokens" ? Interlocked.Add(ref tokens, value) : Interlocked.Add(ref steps, value);
        });
        listener.Start();
        var services = new RunServices { Progress = new Reports(reports.Add), Logger = log, Clock = new SlowClock() };
        using (var run = TinyTraining.Open(In("told"), services))
        {
            run.Run(CancellationToken.None);
        }

        var last = reports[^1];
        Assert.Equal((30L, 30L, 30L * 5 * 24), (last.Step, last.TotalSteps, last.Tokens));
        Assert.Equal(TimeSpan.Zero, last.TimeLeft);

        // One tick passes between the two looks at the clock that time a step.
        Assert.Equal(5 * 24 / SlowClock.Tick.TotalSeconds, last.TokensPerSecond, 1e-6);
        Assert.True(steps >= 30 && tokens >= 30 * 5 * 24, "Other tests may train at the same time, so these are bounds.");
        Assert.Contains(log.Texts, text => text.StartsWith("Training starts in", StringComparison.Ordinal));
        Assert.Contains(log.Texts, text => text.StartsWith("Checkpoint of step 4 ", StringComparison.Ordinal));
        Assert.Contains(log.Texts, text => text.Contains("is done after 30 steps", StringComparison.Ordinal));
    }

    [Fact]
    public void TrainingRun_learns_the_weighted_targets_and_no_others()
    {
        var plan = TinyTraining.Plan with { Steps = 150, Objective = new WeightedCrossEntropy() };
        var losses = new List<double>();
        using var run = TinyTraining.Open(
            In("weighted"), plan, new TinyTraining.Observer(metrics => losses.Add(metrics.Loss)), new WeightedRows());
        run.Run(CancellationToken.None);

        Assert.InRange(losses[0], 3.9, 4.6);
        Assert.True(losses[^1] < 1.5, $"The loss is still {losses[^1]}.");
    }

    [Fact]
    public void TrainingRun_learns_to_rank_pairs_and_resumes_to_bit_equal_weights_value_head_included()
    {
        var plan = TinyTraining.Plan with { Steps = 60, RowsPerStep = 6, Objective = new PairwiseRanking() };
        var losses = new List<double>();
        byte[] expected;
        using (var run = TinyTraining.Open(
            In("whole"), plan, new TinyTraining.Observer(metrics => losses.Add(metrics.Loss)), new RankedRows()))
        {
            run.Run(CancellationToken.None);
            expected = run.Parameters.Bytes.ToArray();
        }

        Assert.True(losses.TakeLast(5).Average() < 0.35, $"The loss went from {losses[0]} to {losses[^1]} only.");

        using var stop = new CancellationTokenSource();
        using (var run = TinyTraining.Open(In("parts"), plan, StopAfter(13, stop), new RankedRows()))
        {
            run.Run(stop.Token);
        }

        using (var model = CheckpointStore.ReadLatest(In("parts"))!.Open(TrainingRun.ModelBlob))
        {
            Assert.Equal(TinyTraining.Plan.Model.EmbeddingLength * sizeof(float), model.Data(ValueHead.Weight).Length);
        }

        Assert.Equal(expected, TinyTraining.Finish(In("parts"), plan, new RankedRows()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Optimizer_covers_the_parameters_that_the_objective_brought(bool muon)
    {
        var plan = TinyTraining.Plan with
        {
            Steps = 3,
            RowsPerStep = 6,
            Objective = new PairwiseRanking(),
            Muon = muon ? new MuonOptions() : null,
        };
        using var initial = new Parameters(plan.Model, plan.Objective.HeadParameters(plan.Model));
        initial.Initialize(7);
        using var run = TinyTraining.Open(In("head"), plan, rows: new RankedRows());
        run.Run(CancellationToken.None);

        Assert.All(
            run.Parameters.ToArray(ValueHead.Weight).Zip(initial.ToArray(ValueHead.Weight)),
            pair => Assert.NotEqual(pair.First, pair.Second));
    }

    [Fact]
    public void Parameters_of_a_base_model_become_those_of_a_reward_model_with_a_fresh_head()
    {
        var weights = TinyTraining.Finish(In("base"));
        using var reward = new Parameters(TinyTraining.Plan.Model, new PairwiseRanking().HeadParameters(TinyTraining.Plan.Model));
        using var model = CheckpointStore.ReadLatest(In("base"))!.Open(TrainingRun.ModelBlob);

        Assert.Throws<NoosException>(() => reward.Load(model));
        reward.LoadTransformer(model);
        reward.InitializeHeads(3);

        Assert.Equal(weights, reward.Bytes[..weights.Length].ToArray());
        Assert.All(reward.ToArray(ValueHead.Weight), value => Assert.NotEqual(0, value));
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
        Assert.Equal(ErrorKind.Refused, error.Kind);

        // The refusal leaves the folder unlocked.
        TinyTraining.Finish(In("run"));
    }

    [Fact]
    public void TrainingPlan_with_absurd_numbers_is_refused_in_one_sentence()
    {
        TrainingPlan[] absurd =
        [
            TinyTraining.Plan with { Steps = 0 },
            TinyTraining.Plan with { RowsPerStep = -1 },
            TinyTraining.Plan with { Workers = 0 },
            TinyTraining.Plan with { Objective = new PairwiseRanking() },
            TinyTraining.Plan with { AdamW = new AdamWOptions { LearningRate = double.NaN } },
            TinyTraining.Plan with { Model = TinyTraining.Plan.Model with { HeadCount = 3, KeyValueHeadCount = 2 } },
            TinyTraining.Plan with { Model = TinyTraining.Plan.Model with { EmbeddingLength = 33 } },
        ];

        Assert.All(absurd, plan => Assert.Throws<NoosException>(() => TinyTraining.Finish(In("absurd"), plan)));
    }

    static TinyTraining.Observer StopAfter(long step, CancellationTokenSource stop) => new(metrics =>
    {
        if (metrics.Step == step)
        {
            stop.Cancel();
        }
    });

    string In(string name) => Path.Combine(_folder, name);

    static void KillWhen(string folder, Func<long, bool> reached, bool writesBeside)
    {
        using var process = TinyTraining.Start(folder, writesBeside);
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
    static void KillWhileWriting(string folder, bool writesBeside)
    {
        using var process = TinyTraining.Start(folder, writesBeside);
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

    // The first half of a row can be learned and counts; the second is noise without weight.
    sealed class WeightedRows : IRowSource
    {
        readonly TinyTraining.CountingRows _rows = new();

        public TrainingRow Read(long index)
        {
            var row = _rows.Read(index);
            var random = new Random((int)index);
            var half = row.Length / 2;
            for (var position = half; position < row.Length; position++)
            {
                row.Tokens[position + 1] = random.Next(TinyTraining.Plan.Model.VocabularySize);
            }

            return row with { Weights = [.. Enumerable.Range(0, row.Length).Select(position => position < half ? 1f : 0f)] };
        }
    }

    // The better answer is of words of the first half of the vocabulary, the worse one of the second.
    sealed class RankedRows : IRowSource
    {
        public TrainingRow Read(long index)
        {
            var random = new Random((int)index);
            var half = TinyTraining.Plan.Model.VocabularySize / 2;
            return new TrainingRow([.. Enumerable.Range(0, 13).Select(_ => random.Next(half) + (index % 2 == 0 ? 0 : half))], []);
        }
    }

    sealed class Reports(Action<RunProgress> report) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => report(value);
    }

    // Each look at it takes a tick.
    sealed class SlowClock : TimeProvider
    {
        public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

        DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _now += Tick;

        public override long GetTimestamp() => GetUtcNow().Ticks;
    }

    sealed class Messages : ILogger
    {
        public ConcurrentQueue<string> Texts { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Texts.Enqueue(formatter(state, exception));
    }
}
