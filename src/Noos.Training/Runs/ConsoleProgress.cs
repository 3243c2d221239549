using System.Globalization;
using System.Text;

namespace Noos.Training.Runs;

/// <summary>
/// The run on the screen: in a terminal one line that is written over and over, in a file or pipe a plain line now and then.
/// Not thread-safe.
/// </summary>
/// <param name="output">Where to write.</param>
/// <param name="totalSteps">Updates of the whole run.</param>
/// <param name="interactive">Whether <paramref name="output"/> is a terminal that understands escape sequences.</param>
/// <param name="width">Columns of the terminal, asked at every line.</param>
public sealed class ConsoleProgress(TextWriter output, long totalSteps, bool interactive, Func<int>? width = null)
{
    const int BarLength = 16;

    static readonly TimeSpan s_liveInterval = TimeSpan.FromMilliseconds(150);
    static readonly TimeSpan s_plainInterval = TimeSpan.FromSeconds(20);

    readonly Func<int> _width = width ?? (() => 120);
    StepMetrics? _first;
    StepMetrics? _last;
    DateTimeOffset _shown = DateTimeOffset.MinValue;
    double? _loss;
    double? _tokensPerSecond;
    double? _bitsPerByte;
    bool _lineIsOpen;

    /// <summary>Progress on the standard output, live when it is a terminal.</summary>
    public static ConsoleProgress ForConsole(long totalSteps) => new(Console.Out, totalSteps, !Console.IsOutputRedirected, static () => Console.WindowWidth);

    public void Report(StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        if (_first is null || metrics.Step < _first.Step)
        {
            _first = metrics;
        }

        if (!metrics.Skipped && double.IsFinite(metrics.Loss))
        {
            _loss = Smooth(_loss, metrics.Loss);
        }

        _tokensPerSecond = Smooth(_tokensPerSecond, metrics.TokensPerSecond);
        _last = metrics;
        var isLast = metrics.Step >= totalSteps;
        if (isLast || metrics.Time - _shown >= (interactive ? s_liveInterval : s_plainInterval))
        {
            _shown = metrics.Time;
            Show(metrics);
        }
    }

    public void Report(Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        if (evaluation.BitsPerByte.Count == 0)
        {
            return;
        }

        _bitsPerByte = evaluation.BitsPerByte.Values.Average();
        Note(string.Create(CultureInfo.InvariantCulture, $"evaluation at step {evaluation.Step:N0}: bits per byte {string.Join(", ", evaluation.BitsPerByte.Select(b => $"{b.Key} {b.Value:F3}"))}"));
    }

    public void Report(RunEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        Note(string.Create(CultureInfo.InvariantCulture, $"{happened.Kind} at step {happened.Step:N0}: {happened.Message}"));
    }

    /// <summary>Shows the last update and ends the live line.</summary>
    public void Complete()
    {
        if (_last is not null && (interactive || _shown != _last.Time))
        {
            Show(_last);
        }

        if (_lineIsOpen)
        {
            output.WriteLine();
            _lineIsOpen = false;
        }
    }

    static double Smooth(double? average, double value) => average is { } a ? (0.9 * a) + (0.1 * value) : value;

    static string FormatDuration(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays}d {time.Hours}h"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Hours}h {time.Minutes:00}m"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m {time.Seconds:00}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}s"),
    };

    /// <summary>A line that stays, above the live one.</summary>
    void Note(string text)
    {
        output.WriteLine(_lineIsOpen ? $"\r\e[K{text}" : text);
        output.Flush();
        _lineIsOpen = false;
        if (interactive && _last is not null)
        {
            Show(_last);
        }
    }

    void Show(StepMetrics metrics)
    {
        var line = Format(metrics);
        if (interactive)
        {
            // A line that fills the terminal would wrap and leave its remains behind.
            var columns = Math.Max(20, _width() - 1);
            var bar = Bar(metrics.Step);
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

    string Format(StepMetrics metrics)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"step {metrics.Step:N0}/{totalSteps:N0}  {ReportNumber.Short(metrics.Tokens)} tokens  loss {_loss ?? metrics.Loss:F3}");
        if (_bitsPerByte is { } bits)
        {
            line.Append(CultureInfo.InvariantCulture, $"  bpb {bits:F3}");
        }

        line.Append(CultureInfo.InvariantCulture, $"  {ReportNumber.Short(_tokensPerSecond ?? 0)} tok/s  MFU {100 * metrics.Mfu:F0}%  |g| {metrics.GradientNorm:F2}  lr {metrics.LearningRate:0.0e-0}");
        if (TimeLeft(metrics) is { } left)
        {
            line.Append(CultureInfo.InvariantCulture, $"  {FormatDuration(left)} left");
        }

        return line.ToString();
    }

    string Bar(long step)
    {
        var done = (int)Math.Clamp(BarLength * step / Math.Max(1, totalSteps), 0, BarLength);
        return new string('━', done) + new string('╌', BarLength - done);
    }

    /// <summary>From the pace since the start of this process, evaluations and checkpoints included.</summary>
    TimeSpan? TimeLeft(StepMetrics metrics)
    {
        if (_first is null || metrics.Step <= _first.Step)
        {
            return null;
        }

        var seconds = (metrics.Time - _first.Time).TotalSeconds / (metrics.Step - _first.Step) * Math.Max(0, totalSteps - metrics.Step);
        return seconds < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(seconds) : null;
    }
}
