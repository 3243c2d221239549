using System.Globalization;
using System.Text;
using Noos.Training.Runs;

namespace Noos.Cli.Factory;

/// <summary>
/// A training run on the screen: in a terminal one line that is written over and over, in a file or pipe a plain line now and then.
/// Not thread-safe.
/// </summary>
/// <param name="output">Where to write.</param>
/// <param name="interactive">Whether <paramref name="output"/> is a terminal that understands escape sequences.</param>
/// <param name="width">Columns of the terminal, asked at every line.</param>
public sealed class TrainingProgress(TextWriter output, bool interactive, Func<int>? width = null) : IProgress<RunProgress>, IDisposable
{
    const int BarLength = 16;

    static readonly TimeSpan s_liveInterval = TimeSpan.FromMilliseconds(150);
    static readonly TimeSpan s_plainInterval = TimeSpan.FromSeconds(20);

    readonly Func<int> _width = width ?? (() => 120);
    RunProgress? _last;
    DateTimeOffset _shown = DateTimeOffset.MinValue;
    bool _lineIsOpen;

    /// <summary>Progress on the standard output, live when it is a terminal.</summary>
    public static TrainingProgress ForConsole() => new(Console.Out, !Console.IsOutputRedirected, static () => Console.WindowWidth);

    public void Report(RunProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Note is not null)
        {
            Note(value);
            return;
        }

        _last = value;
        var isLast = value.Step >= value.TotalSteps;
        if (isLast || value.Time - _shown >= (interactive ? s_liveInterval : s_plainInterval))
        {
            _shown = value.Time;
            Show(value);
        }

        if (isLast)
        {
            EndRun();
        }
    }

    /// <summary>Shows the last update of a run that was stopped, and ends the live line.</summary>
    public void Dispose()
    {
        if (_last is not null && (interactive || _shown != _last.Time))
        {
            Show(_last);
        }

        EndRun();
    }

    static string FormatDuration(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays}d {time.Hours}h"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Hours}h {time.Minutes:00}m"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m {time.Seconds:00}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}s"),
    };

    static string Format(RunProgress progress)
    {
        var line = new StringBuilder();
        line.Append(
            CultureInfo.InvariantCulture,
            $"step {progress.Step:N0}/{progress.TotalSteps:N0}  {ReportNumber.Abbreviate(progress.Tokens)} tokens  loss {progress.Loss:F3}");
        if (progress.BitsPerByte is { } bits)
        {
            line.Append(CultureInfo.InvariantCulture, $"  bpb {bits:F3}");
        }

        line.Append(CultureInfo.InvariantCulture, $"  {ReportNumber.Abbreviate(progress.TokensPerSecond)} tok/s  MFU {100 * progress.Mfu:F0}%");
        line.Append(CultureInfo.InvariantCulture, $"  |g| {progress.GradientNorm:F2}  lr {progress.LearningRate:0.0e-0}");
        if (progress.TimeLeft is { } left)
        {
            line.Append(CultureInfo.InvariantCulture, $"  {FormatDuration(left)} left");
        }

        return line.ToString();
    }

    static string Bar(RunProgress progress)
    {
        var done = (int)Math.Clamp(BarLength * progress.Step / Math.Max(1, progress.TotalSteps), 0, BarLength);
        return new string('━', done) + new string('╌', BarLength - done);
    }

    /// <summary>After the last update others may write below its line, and another run may follow on the same screen.</summary>
    void EndRun()
    {
        if (_lineIsOpen)
        {
            output.WriteLine();
            _lineIsOpen = false;
        }

        _last = null;
        _shown = DateTimeOffset.MinValue;
    }

    /// <summary>A line that stays, above the live one.</summary>
    void Note(RunProgress progress)
    {
        output.WriteLine(_lineIsOpen ? $"\r\e[K{progress.Note}" : progress.Note);
        output.Flush();
        _lineIsOpen = false;
        if (interactive && _last is not null)
        {
            _last = progress with { Note = null };
            Show(_last);
        }
    }

    void Show(RunProgress progress)
    {
        var line = Format(progress);
        if (interactive)
        {
            // A line that fills the terminal would wrap and leave its remains behind.
            var columns = Math.Max(20, _width() - 1);
            var bar = Bar(progress);
            line = line.Length + bar.Length + 1 <= columns ? $"{bar} {line}" : line[..Math.Min(line.Length, columns)];
            output.Write($"\r{line}\e[K");
            _lineIsOpen = true;
        }
        else
        {
            output.WriteLine(line);
        }

        output.Flush();
    }
}
