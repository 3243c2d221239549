using System.Globalization;
using Noos.Training.Runs;

namespace Noos.Factory.Stages;

/// <summary>Passes on what happens in a run to its recorder, and tells it as progress of the stage. Not thread-safe.</summary>
sealed class TrainingProgress(RunRecorder recorder, string stage, long totalSteps, IProgress<StageProgress> progress) : IRunObserver
{
    double? _loss;
    double? _tokensPerSecond;
    double? _bitsPerByte;

    public void Trained(StepMetrics metrics)
    {
        recorder.Trained(metrics);
        if (!metrics.Skipped && double.IsFinite(metrics.Loss))
        {
            _loss = Smooth(_loss, metrics.Loss);
        }

        _tokensPerSecond = Smooth(_tokensPerSecond, metrics.TokensPerSecond);
        var bits = _bitsPerByte is { } value ? string.Create(CultureInfo.InvariantCulture, $", {value:F3} bits per byte") : "";
        progress.Report(new StageProgress(stage, StageState.Running)
        {
            Done = metrics.Step,
            Total = totalSteps,
            Unit = "updates",
            Detail = string.Create(
                CultureInfo.InvariantCulture,
                $"loss {_loss ?? metrics.Loss:F3}{bits}, {_tokensPerSecond:N0} tokens/s, {metrics.Mfu:P0} of peak, gradient {metrics.GradientNorm:F2}, rate {metrics.LearningRate:0.0e-0}"),
        });
    }

    public void Evaluated(Evaluation evaluation)
    {
        recorder.Evaluated(evaluation);
        if (evaluation.BitsPerByte.Count > 0)
        {
            _bitsPerByte = evaluation.BitsPerByte.Values.Average();
            var bits = string.Join(", ", evaluation.BitsPerByte.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:F3}")));
            Note(string.Create(CultureInfo.InvariantCulture, $"evaluation at step {evaluation.Step:N0}: bits per byte {bits}"));
        }
    }

    public void Saved(long step) => recorder.Saved(step);

    public void Resumed(long step)
    {
        recorder.Resumed(step);
        Note(string.Create(CultureInfo.InvariantCulture, $"resumed at step {step:N0}"));
    }

    public void Event(RunEvent @event)
    {
        recorder.Event(@event);
        Note(string.Create(CultureInfo.InvariantCulture, $"{@event.Kind} at step {@event.Step:N0}: {@event.Message}"));
    }

    // An exponential mean: single updates jump too much to be read.
    static double Smooth(double? average, double value) => average is { } before ? (0.9 * before) + (0.1 * value) : value;

    void Note(string text) => progress.Report(new StageProgress(stage, StageState.Running) { Note = text });
}
