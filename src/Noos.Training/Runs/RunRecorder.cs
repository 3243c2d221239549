namespace Noos.Training.Runs;

/// <summary>Writes what happens in a run to the terminal and to the metrics log.</summary>
public sealed class RunRecorder : IRunObserver, IDisposable
{
    readonly MetricsLog _log;
    readonly ConsoleProgress _progress;

    RunRecorder(MetricsLog log, ConsoleProgress progress)
    {
        _log = log;
        _progress = progress;
    }

    public static RunRecorder Open(string folder, string title, TrainingPlan plan, IReadOnlyList<string> data) =>
        new(MetricsLog.Open(Path.Combine(folder, "metrics.jsonl")), ConsoleProgress.ForConsole(plan.Steps));

    public void Trained(StepMetrics metrics)
    {
        _log.Append(metrics);
        _progress.Report(metrics);
    }

    public void Evaluated(Evaluation evaluation)
    {
        _log.Append(evaluation);
        _progress.Report(evaluation);
    }

    public void Saved(long step) => _log.Flush();

    public void Resumed(long step)
    {
        _log.TruncateTo(step);
        Event(new RunEvent(step, RunEvent.Resume, $"Resumed at step {step}."));
    }

    public void RolledBack(RunEvent @event) => Event(@event);

    public void Event(RunEvent @event)
    {
        _log.Append(@event);
        _progress.Report(@event);
    }

    public void Dispose()
    {
        _progress.Complete();
        _log.Dispose();
    }
}
