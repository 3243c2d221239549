using Noos.Core;
namespace Noos.Training.Runs;

/// <summary>Tells the terminal what happens in a run, keeps it in <c>metrics.jsonl</c>, and draws it in <c>report.html</c>.</summary>
public sealed class RunRecorder : IRunObserver, IDisposable
{
    readonly string _folder;
    readonly RunDescription _description;
    readonly MetricsLog _log;
    readonly ConsoleProgress _progress;

    /// <exception cref="NoosException">The folder cannot be written.</exception>
    public RunRecorder(string folder, RunDescription description)
    {
        _folder = folder;
        _description = description;
        _log = MetricsLog.Open(MetricsPath(folder));
        _progress = ConsoleProgress.ForConsole(description.TotalSteps);
    }

    public static string MetricsPath(string folder) => Path.Combine(folder, "metrics.jsonl");

    public static string ReportPath(string folder) => Path.Combine(folder, "report.html");

    public void Trained(StepMetrics metrics)
    {
        _log.Append(metrics);
        _progress.Report(metrics);
    }

    public void Evaluated(Evaluation evaluation)
    {
        _log.Append(evaluation);
        _progress.Report(evaluation);
        WriteReport();
    }

    public void Saved(long step) => _log.Flush();

    public void Resumed(long step)
    {
        _log.TruncateTo(step);
        Event(new RunEvent(step, RunEvent.Resume, $"Resumed at step {step}."));
    }

    public void Event(RunEvent @event)
    {
        _log.Append(@event);
        _progress.Report(@event);
    }

    public void Dispose()
    {
        _progress.Complete();
        _log.Dispose();
        WriteReport();
    }

    void WriteReport() => TrainingReport.Write(ReportPath(_folder), _description, MetricsLog.Read(MetricsPath(_folder)));
}
