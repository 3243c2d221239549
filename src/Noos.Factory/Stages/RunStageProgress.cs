using Noos.Training.Runs;

namespace Noos.Factory.Stages;

/// <summary>The progress of a training run as progress of the stage that trains.</summary>
/// <param name="stage">What the stage is called.</param>
/// <param name="progress">Told of it.</param>
/// <param name="detail">What stands behind the count of updates.</param>
sealed class RunStageProgress(string stage, IProgress<StageProgress> progress, Func<RunProgress, string> detail) : IProgress<RunProgress>
{
    public void Report(RunProgress value) => progress.Report(value.Note is { } note
        ? new StageProgress(stage, StageState.Running) { Note = note }
        : new StageProgress(stage, StageState.Running)
        {
            Done = value.Step,
            Total = value.TotalSteps,
            Unit = "updates",
            Detail = detail(value),
        });
}
