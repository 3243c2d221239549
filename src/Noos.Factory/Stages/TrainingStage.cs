using System.Globalization;
using Noos.Core;
using Noos.Factory.Recipes;
using Noos.Training.Checkpoints;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Factory.Stages;

/// <summary>
/// A stage that trains: starts its run, or resumes it where it stopped. Downloads libtorch first where it is missing. The run itself knows
/// whether it belongs to these settings and data, and refuses others.
/// </summary>
public abstract class TrainingStage : IStage
{
    public abstract string Name { get; }

    public abstract IReadOnlyList<string> Inputs { get; }

    public abstract IReadOnlyList<string> Outputs { get; }

    public abstract StageKey Key(Recipe recipe);

    public async Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        await LibtorchSetup.EnsureAsync(Name, context.Progress, context.TimeProvider, context.Logger, cancellationToken);
        var isComplete = false;
        await OwnThread.RunAsync(() => isComplete = Train(context, cancellationToken), cancellationToken);
        if (!isComplete)
        {
            // The run saved its state when it was told to stop.
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>Trains until the plan is done or the token asks to stop; either way the last state is saved.</summary>
    /// <returns>Whether the run is complete.</returns>
    protected abstract bool Train(StageContext context, CancellationToken cancellationToken);

    /// <summary>The weights of another run's newest checkpoint, to begin with.</summary>
    /// <param name="parameters">Receives them.</param>
    /// <param name="run">Folder of that run.</param>
    /// <param name="recipe">Named where there is none.</param>
    /// <exception cref="NoosException">There is no checkpoint (<see cref="ErrorKind.NotFound"/>).</exception>
    private protected static void LoadWeights(Parameters parameters, string run, Recipe recipe)
    {
        var checkpoint = CheckpointStore.ReadLatest(run) ?? throw new NoosException(
            ErrorKind.NotFound,
            $"There is no base model in '{run}'; train it first: noos {Path.GetFileName(run)} {recipe.File}.");
        using var model = checkpoint.Open(TrainingRun.ModelBlob);
        parameters.Load(model);
    }

    /// <summary>What a run takes from outside: its recorder, and the clock, log and progress of the stage.</summary>
    private protected RunServices Services(RunRecorder recorder, StageContext context) => new()
    {
        Observer = recorder,
        Progress = context.Progress is { } progress ? new RunStageProgress(Name, progress, DetailOf) : null,
        Clock = context.TimeProvider,
        Logger = context.Logger,
    };

    static string DetailOf(RunProgress value)
    {
        var bits = value.BitsPerByte is { } mean ? string.Create(CultureInfo.InvariantCulture, $", {mean:F3} bits per byte") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"loss {value.Loss:F3}{bits}, {value.TokensPerSecond:N0} tokens/s, {value.Mfu:P0} of peak, "
            + $"gradient {value.GradientNorm:F2}, rate {value.LearningRate:0.0e-0}");
    }
}
