using Noos.Factory.Recipes;
using Noos.Training.Runs;
using Noos.Training.Torch;

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
        if (LibtorchPackage.Default.FindLibraries() is null)
        {
            Log.DownloadingLibtorch(context.Logger);
        }

        await LibtorchPackage.Default.EnsureAsync(new LibtorchDownload(Name, context.Progress), context.TimeProvider, cancellationToken);
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

    /// <summary>Records a run in its folder, and tells the progress of the stage.</summary>
    private protected IRunObserver Observe(RunRecorder recorder, StageContext context, long steps) =>
        context.Progress is { } progress ? new TrainingProgress(recorder, Name, steps, progress) : recorder;

    sealed class LibtorchDownload(string stage, IProgress<StageProgress>? progress) : IProgress<LibtorchProgress>
    {
        public void Report(LibtorchProgress value) => progress?.Report(new StageProgress(stage, StageState.Running)
        {
            Done = value.Bytes,
            Total = value.TotalBytes,
            Unit = "bytes",
            Detail = value.TotalBytes is null ? "unpacking libtorch" : "downloading libtorch, once",
        });
    }
}
