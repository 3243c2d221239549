using Noos.Core;

namespace Noos.Training.Runs;

/// <summary>Keeps what happens in a run in <c>metrics.jsonl</c> and draws it in <c>report.html</c>. Not thread-safe.</summary>
public sealed class RunRecorder : IRunObserver, IDisposable
{
    readonly string _folder;
    readonly RunDescription _description;
    readonly MetricsLog _log;

    /// <exception cref="NoosException">The folder cannot be written.</exception>
    public RunRecorder(string folder, RunDescription description)
    {
        _folder = folder;
        _description = description;
        _log = MetricsLog.Open(MetricsPath(folder));
    }

    public static string MetricsPath(string folder) => Path.Combine(folder, "metrics.jsonl");

    public static string ReportPath(string folder) => Path.Combine(folder, "report.html");

    public void Trained(StepMetrics metrics) => _log.Append(metrics);

    public void Evaluated(Evaluation evaluation)
    {
        _log.Append(evaluation);
        WriteReport();
    }

    // With the checkpoint: after a power cut neither may know more than the other.
    public void Saved(long step) => _log.Flush();

    public void Resumed(long step)
    {
        _log.TruncateTo(step);
        Event(new RunEvent(step, RunEvent.Resume, $"Resumed at step {step}."));
    }

    public void Event(RunEvent @event) => _log.Append(@event);

    public void Dispose()
    {
        _log.Dispose();
        WriteReport();
    }

    void WriteReport() => TrainingReport.Write(ReportPath(_folder), _description, MetricsLog.Read(MetricsPath(_folder)));
}
