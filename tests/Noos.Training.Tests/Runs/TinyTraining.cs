using System.Diagnostics;
using System.Runtime.CompilerServices;
using Noos.Language.Models;
using Noos.Training.Model;
using Noos.Training.Optimizers;
using Noos.Training.Runs;

namespace Noos.Training.Tests.Runs;

/// <summary>A training small enough for a test, in this process or in one of its own that can be killed.</summary>
static class TinyTraining
{
    const string Variable = "NOOS_TEST_TINY_TRAINING";
    const string BesideVariable = "NOOS_TEST_WRITES_BESIDE";

    public static TrainingPlan Plan { get; } = new()
    {
        Model = new TransformerConfig
        {
            VocabularySize = 67,
            ContextLength = 24,
            EmbeddingLength = 32,
            BlockCount = 2,
            FeedForwardLength = 48,
            HeadCount = 2,
            KeyValueHeadCount = 1,
            HeadLength = 16,
        },
        Steps = 30,
        RowsPerStep = 5,
        WarmupSteps = 3,
        EvaluateEvery = 10,
        CheckpointEvery = 4,
        AdamW = new AdamWOptions { LearningRate = 0.01 },
    };

    public static TrainingRun Open(string folder, TrainingPlan? plan = null, IRunObserver? observer = null, IRowSource? rows = null) =>
        Open(folder, new RunServices { Observer = observer }, plan, rows);

    public static TrainingRun Open(
        string folder, RunServices services, TrainingPlan? plan = null, IRowSource? rows = null, IEvaluator? evaluator = null) => new(
        plan ?? Plan,
        folder,
        rows ?? new CountingRows(),
        evaluator ?? new NoEvaluation(),
        parameters => parameters.Initialize(7),
        services with { MeasurePeak = () => 1e9 });

    /// <summary>Trains to the end of the plan and gives the bytes of the weights.</summary>
    public static byte[] Finish(string folder, TrainingPlan? plan = null, IRowSource? rows = null)
    {
        using var run = Open(folder, plan, rows: rows);
        run.Run(CancellationToken.None);
        return run.Parameters.Bytes.ToArray();
    }

    /// <summary>The same training in a process of its own, which prints each step it has done.</summary>
    /// <param name="writesBeside">Its checkpoints are written beside the training, in three files of the optimizer.</param>
    public static Process Start(string folder, bool writesBeside = false)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Noos.Training.Tests"))
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[Variable] = folder;
        start.Environment[BesideVariable] = writesBeside ? "1" : "";
        return Process.Start(start)!;
    }

#pragma warning disable CA2255 // The initialiser is the way into this process before the test runner's Main.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder)
        {
            var services = new RunServices { Observer = new Observer(metrics => Console.Out.WriteLine(metrics.Step)) };
            using var run = Open(folder, Environment.GetEnvironmentVariable(BesideVariable) is { Length: > 0 }
                ? services with { WritesBesideTraining = true, CheckpointShards = 3 }
                : services);
            run.Run(CancellationToken.None);
            Environment.Exit(0);
        }
    }

    /// <summary>Rows that count upwards from a start that depends on their number: a pattern to learn.</summary>
    public sealed class CountingRows : IRowSource
    {
        public TrainingRow Read(long index) =>
            new([.. Enumerable.Range(0, Plan.Model.ContextLength + 1)
                .Select(i => (int)(((index * 31) + (i * (1 + (index % 3)))) % Plan.Model.VocabularySize))], []);
    }

    sealed class NoEvaluation : IEvaluator
    {
        public Evaluation Evaluate(ModelSnapshot model, CancellationToken cancellationToken = default) =>
            new(model.Step, model.Tokens, new Dictionary<string, double>(StringComparer.Ordinal), []);
    }

    public sealed class Observer(Action<StepMetrics> trained) : IRunObserver
    {
        public List<RunEvent> Events { get; } = [];

        public void Trained(StepMetrics metrics) => trained(metrics);

        public void Evaluated(Evaluation evaluation)
        {
        }

        public void Saved(long step)
        {
        }

        public void Resumed(long step) => Events.Add(new RunEvent(step, RunEvent.Resume, string.Empty));

        public void Event(RunEvent @event) => Events.Add(@event);
    }
}
