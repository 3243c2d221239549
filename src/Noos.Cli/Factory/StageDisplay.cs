using System.Globalization;
using Noos.Cli.Models;
using Noos.Factory.Stages;

namespace Noos.Cli.Factory;

/// <summary>
/// Shows the stages of a recipe on the terminal: what stays as a line of its own, the work under way as one line with rate and time left.
/// Stages report from several threads, so it locks.
/// </summary>
sealed class StageDisplay(TextWriter output, bool isLive, TimeProvider timeProvider, Func<int>? width = null) : IProgress<StageProgress>, IDisposable
{
    readonly Lock _lock = new();
    readonly ProgressLine _line = new(output, isLive);
    (string Stage, string Unit, long? Total) _work;
    (long At, long Done) _first;
    long _started;

    /// <summary>On the standard output, live when that is a terminal.</summary>
    public static StageDisplay ForConsole() => new(Console.Out, !Console.IsOutputRedirected, TimeProvider.System, static () => Console.WindowWidth);

    public void Report(StageProgress value)
    {
        lock (_lock)
        {
            switch (value)
            {
                case { State: StageState.UpToDate }:
                    Keep($"{value.Stage}: up to date.");
                    break;
                case { State: StageState.Started }:
                    _started = timeProvider.GetTimestamp();
                    Keep($"{value.Stage}:");
                    break;
                case { State: StageState.Done }:
                    Keep($"{value.Stage}: done in {Duration(timeProvider.GetElapsedTime(_started))}.");
                    break;
                case { Note: { } note }:
                    Keep($"  {note}");
                    break;
                default:
                    _line.Show(Fit(Describe(value)));
                    break;
            }
        }
    }

    /// <summary>Removes the line of the work under way.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _line.Close();
        }
    }

    static string Amount(long value, string unit) => unit == "bytes"
        ? string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:N0} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{value:N0} {unit}");

    static string Rate(double value, string unit) => unit == "bytes"
        ? string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:F1} MB/s")
        : string.Create(CultureInfo.InvariantCulture, $"{(value < 10 ? Math.Round(value, 2) : Math.Round(value)):#,0.##}/s");

    static string Duration(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays}d {time.Hours}h"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Hours}h {time.Minutes:00}m"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m {time.Seconds:00}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}s"),
    };

    string Describe(StageProgress value)
    {
        var now = timeProvider.GetTimestamp();
        var work = (value.Stage, value.Unit, value.Total);
        if (work != _work || value.Done < _first.Done)
        {
            // Other work, or a run that rolled back: the pace is measured anew.
            (_work, _first) = (work, (now, value.Done));
        }

        var parts = new List<string>();
        if (value.Total is { } total)
        {
            parts.Add($"{(value.Unit == "bytes" ? Amount(value.Done, "bytes")[..^3] : value.Done.ToString("N0", CultureInfo.InvariantCulture))} of {Amount(total, value.Unit)}");
        }
        else if (value.Unit.Length > 0)
        {
            parts.Add(Amount(value.Done, value.Unit));
        }

        var rate = (value.Done - _first.Done) / Math.Max(1e-3, timeProvider.GetElapsedTime(_first.At, now).TotalSeconds);
        if (rate > 0)
        {
            parts.Add(Rate(rate, value.Unit));
            var seconds = (value.Total - value.Done) / rate;
            if (seconds is >= 0 and < 1e8)
            {
                parts.Add($"{Duration(TimeSpan.FromSeconds(seconds.Value))} left");
            }
        }

        if (value.Detail.Length > 0)
        {
            parts.Add(value.Detail);
        }

        return $"{value.Stage}: {string.Join(", ", parts)}";
    }

    // A line that fills the terminal would wrap and leave its remains behind.
    string Fit(string line) => isLive && width is not null && line.Length >= Math.Max(20, width()) ? line[..(Math.Max(20, width()) - 1)] : line;

    void Keep(string line)
    {
        _line.Close();
        output.WriteLine(line);
    }
}
