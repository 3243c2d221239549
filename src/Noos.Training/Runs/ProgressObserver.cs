using System.Globalization;

namespace Noos.Training.Runs;

/// <summary>Turns what happens in a run into <see cref="RunProgress"/>: smoothed numbers, time left, notes. Not thread-safe.</summary>
/// <param name="totalSteps">Updates of the whole run.</param>
/// <param name="progress">Told on the thread that trains.</param>
public sealed class ProgressObserver(long totalSteps, IProgress<RunProgress> progress) : IRunObserver
{
    StepMetrics? _first;
    RunProgress? _last;
    double? _loss;
    double? _tokensPerSecond;
    double? _bitsPerByte;

    public void Trained(StepMetrics metrics)
    {
        // A roll-back goes to an earlier step: the pace is measured anew from there.
        if (_first is null || metrics.Step < _first.Step)
        {
            _first = metrics;
        }

        if (!metrics.Skipped && double.IsFinite(metrics.Loss))
        {
            _loss = Smooth(_loss, metrics.Loss);
        }

        _tokensPerSecond = Smooth(_tokensPerSecond, metrics.TokensPerSecond);
        _last = new RunProgress
        {
            Step = metrics.Step,
            TotalSteps = totalSteps,
            Time = metrics.Time,
            Tokens = metrics.Tokens,
            Loss = _loss ?? metrics.Loss,
            BitsPerByte = _bitsPerByte,
            TokensPerSecond = _tokensPerSecond ?? 0,
            Mfu = metrics.Mfu,
            GradientNorm = metrics.GradientNorm,
            LearningRate = metrics.LearningRate,
            TimeLeft = TimeLeft(metrics),
        };
        progress.Report(_last);
    }

    public void Evaluated(Evaluation evaluation)
    {
        if (evaluation.BitsPerByte.Count == 0)
        {
            return;
        }

        _bitsPerByte = evaluation.BitsPerByte.Values.Average();
        var bits = string.Join(
            ", ", evaluation.BitsPerByte.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:F3}")));
        Note(evaluation.Step,
            string.Create(CultureInfo.InvariantCulture, $"evaluation at step {evaluation.Step:N0}: bits per byte {bits}"));
        if (evaluation.Recall is { Count: > 0 } recall)
        {
            var shares = recall.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value * 100:F1} %"));
            Note(evaluation.Step,
                string.Create(CultureInfo.InvariantCulture, $"recall at step {evaluation.Step:N0}: {string.Join(", ", shares)}"));
        }
    }

    public void Saved(long step)
    {
    }

    public void Resumed(long step) => Note(step, string.Create(CultureInfo.InvariantCulture, $"resumed at step {step:N0}"));

    public void Event(RunEvent @event) =>
        Note(@event.Step, string.Create(CultureInfo.InvariantCulture, $"{@event.Kind} at step {@event.Step:N0}: {@event.Message}"));

    static double Smooth(double? average, double value) => average is { } a ? (0.9 * a) + (0.1 * value) : value;

    void Note(long step, string text)
    {
        _last = (_last ?? new RunProgress { Step = step, TotalSteps = totalSteps }) with { BitsPerByte = _bitsPerByte };
        progress.Report(_last with { Note = text });
    }

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
