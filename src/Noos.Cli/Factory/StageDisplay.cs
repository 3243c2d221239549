using System.Globalization;
using Noos.Cli.Terminal;
using Noos.Factory.Stages;

namespace Noos.Cli.Factory;

/// <summary>
/// Shows the stages of a recipe on the terminal: what stays as a line of its own, the work under way as one line with rate and time left.
/// Stages report from several threads, so it locks.
/// </summary>
sealed class StageDisplay(ProgressLine line, TimeProvider timeProvider) : IProgress<StageProgress>, IDisposable
{
    readonly Lock _lock = new();
    (string Stage, string Unit, long? Total) _work;
    (long At, long Done) _first;
    long _started;

    /// <summary>On the standard output, live when that is a terminal.</summary>
    public static StageDisplay ForConsole() => new(ProgressLine.OnOutput(), TimeProvider.System);

    public void Report(StageProgress value)
    {
        lock (_lock)
        {
            switch (value)
            {
                case { State: StageState.UpToDate }:
                    line.Note($"{value.Stage}: up to date.");
                    break;
                case { State: StageState.Started }:
                    _started = timeProvider.GetTimestamp();
                    line.Note($"{value.Stage}:");
                    break;
                case { State: StageState.Done }:
                    line.Clear();
                    line.Note($"{value.Stage}: done in {ProgressState.Format(timeProvider.GetElapsedTime(_started))}.");
                    break;
                case { Note: { } note }:
                    line.Note($"  {note}");
                    break;
                default:
                    line.Show(Describe(value));
                    break;
            }
        }
    }

    /// <summary>Removes the line of the work under way.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            line.Clear();
        }
    }

    static string Amount(long value, string unit) => unit == "bytes"
        ? string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:N0} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{value:N0} {unit}");

    static string Rate(double value, string unit) => unit == "bytes"
        ? string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:F1} MB/s")
        : string.Create(CultureInfo.InvariantCulture, $"{(value < 10 ? Math.Round(value, 2) : Math.Round(value)):#,0.##} {unit}/s");

    ProgressState Describe(StageProgress value)
    {
        var now = timeProvider.GetTimestamp();
        var work = (value.Stage, value.Unit, value.Total);
        if (work != _work || value.Done < _first.Done)
        {
            // Other work, or a run that rolled back: the pace is measured anew.
            (_work, _first) = (work, (now, value.Done));
        }

        var amount = value.Total is { } total ? $"{Amount(value.Done, value.Unit)} of {Amount(total, value.Unit)}"
            : value.Unit.Length > 0 ? Amount(value.Done, value.Unit)
            : null;
        var elapsed = timeProvider.GetElapsedTime(_first.At, now);
        var done = value.Done - _first.Done;
        return new ProgressState(
            value.Done,
            value.Total ?? 0,
            amount,
            done > 0 ? Rate(done / Math.Max(1e-3, elapsed.TotalSeconds), value.Unit) : null,
            value.Total is { } end ? ProgressState.EstimateTimeLeft(done, end - _first.Done, elapsed) : null,
            value.Detail);
    }
}
