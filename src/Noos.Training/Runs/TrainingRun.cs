using System.Diagnostics;
using Noos.Core;
using Noos.Language.Safetensors;
using Noos.Training.Checkpoints;
using Noos.Training.Model;
using Noos.Training.Optimizers;
using Noos.Training.Torch;
using static TorchSharp.torch;

namespace Noos.Training.Runs;

/// <summary>
/// The training loop, for pretraining and fine-tuning alike: rows in, updates, evaluations, checkpoints. Interrupted anywhere, even by a
/// kill, it resumes to bit-equal weights.
/// </summary>
public sealed class TrainingRun : IDisposable
{
    /// <summary>Name of the checkpoint file that holds the weights, by their GGUF names.</summary>
    public const string ModelBlob = "model";

    const string OptimizerBlob = "optimizer";

    // A roll-back gives the next attempt a gentler rate; after so many the data or the settings are at fault.
    const double RollBackFactor = 0.5;
    const int MostRollBacks = 8;

    readonly TrainingPlan _plan;
    readonly IRowSource _rows;
    readonly IEvaluator _evaluator;
    readonly IRunObserver _observer;
    readonly CheckpointStore _store;
    readonly Parameters _parameters;
    readonly GradientTeam _team;
    readonly IOptimizer _optimizer;
    readonly LearningRateSchedule _schedule;
    readonly OutlierDetector _outliers = new();
    readonly Func<double> _measurePeak;

    TrainingState _state = new() { Step = 0 };
    int _rollBacks;

    /// <param name="initialise">Fills the weights of a run that starts from nothing.</param>
    /// <param name="measurePeak">Peak rate of this machine in operations a second, for the utilisation; <see cref="ComputeCost.MeasurePeak"/> unless given.</param>
    /// <exception cref="NoosException">The plan cannot be run, the folder is in use, or it holds a run with other settings.</exception>
    public TrainingRun(TrainingPlan plan, string folder, IRowSource rows, IEvaluator evaluator, IRunObserver observer, Action<Parameters> initialise, Func<double>? measurePeak = null)
    {
        _plan = plan.Validate();
        _rows = rows;
        _evaluator = evaluator;
        _observer = observer;
        _measurePeak = measurePeak ?? ComputeCost.MeasurePeak;
        TorchRuntime.Initialize();
        _schedule = new LearningRateSchedule(1, plan.Steps, plan.WarmupSteps, plan.DecayFraction, plan.FinalFraction);
        _store = CheckpointStore.Open(folder, new CheckpointOptions { Warn = message => observer.Event(new RunEvent(_state.Step, "warning", message)) });
        _parameters = new Parameters(plan.Model);
        _team = new GradientTeam(_parameters, plan.Workers);
        _optimizer = plan.Muon is { } muon ? new Muon(_parameters, _team.Gradient, muon, plan.AdamW) : new AdamW(_parameters, _team.Gradient, plan.AdamW);
        if (_store.LoadLatest() is { } checkpoint)
        {
            Restore(checkpoint);
            observer.Resumed(_state.Step);
        }
        else if (_store.HasCheckpoints)
        {
            throw new NoosException($"None of the checkpoints in '{folder}' is intact; choose another folder, or delete this one to start anew.");
        }
        else
        {
            initialise(_parameters);
            _state = new TrainingState { Step = 0, ConfigHash = plan.Hash() };
        }
    }

    public Parameters Parameters => _parameters;

    public long Step => _state.Step;

    public bool IsComplete => _state.Step >= _plan.Steps;

    /// <summary>Trains until the plan is done or the token asks to stop; either way the last state is saved.</summary>
    public void Run(CancellationToken stop)
    {
        if (IsComplete)
        {
            return;
        }

        var peak = _measurePeak();
        var flopsPerToken = ComputeCost.FlopsPerToken(_plan.Model);
        if (_state.Step == 0)
        {
            Save();
        }

        while (!IsComplete && !stop.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            var rows = new TrainingRow[_plan.RowsPerStep];
            for (var index = 0; index < rows.Length; index++)
            {
                rows[index] = _rows.Read(_state.Rows + index);
            }

            var loss = _team.Compute(rows);
            var norm = ClipGradient();
            var verdict = _outliers.Judge(loss, norm);
            if (verdict == OutlierVerdict.RollBack)
            {
                RollBack(loss, norm);
                continue;
            }

            var rate = _schedule.At(_state.Step) * _state.LearningRateScale;
            if (verdict == OutlierVerdict.Normal)
            {
                _optimizer.Step(rate);
            }

            var tokens = rows.Sum(row => (long)row.Tokens.Length - 1);
            _state = _state with
            {
                Step = _state.Step + 1,
                Rows = _state.Rows + rows.Length,
                Tokens = _state.Tokens + tokens,
                SkippedUpdates = _state.SkippedUpdates + (verdict == OutlierVerdict.Skip ? 1 : 0),
            };
            var speed = tokens / Stopwatch.GetElapsedTime(start).TotalSeconds;
            _observer.Trained(new StepMetrics(
                _state.Step, _state.Tokens, loss, norm, rate * _plan.AdamW.LearningRate, speed, speed * flopsPerToken / peak, DateTimeOffset.UtcNow, verdict == OutlierVerdict.Skip));
            var last = IsComplete;
            if (last || _state.Step % _plan.EvaluateEvery == 0)
            {
                _observer.Evaluated(_evaluator.Evaluate(_state.Step, _state.Tokens, _team, _parameters));

                // On a busy machine one measurement of the peak is too low, and the utilisation would look too good.
                peak = Math.Max(peak, _measurePeak());
            }

            if (last || _state.Step % _plan.CheckpointEvery == 0)
            {
                Save();
            }
        }

        if (stop.IsCancellationRequested && _state.Step % _plan.CheckpointEvery != 0)
        {
            Save();
        }
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _team.Dispose();
        _parameters.Dispose();
        _store.Dispose();
    }

    // Pascanu et al., 2013. Returns the norm before clipping.
    double ClipGradient()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var norm = Math.Sqrt(_team.Gradient.dot(_team.Gradient).item<float>());
        if (norm > _plan.GradientClip)
        {
            _team.Gradient.mul_(_plan.GradientClip / norm);
        }

        return norm;
    }

    void Save()
    {
        _state = _state with { Outliers = _outliers.State };
        _store.Save(_state, [new CheckpointBlob(ModelBlob, ModelTensors()), new CheckpointBlob(OptimizerBlob, OptimizerTensors())]);
        _observer.Saved(_state.Step);
    }

    IEnumerable<SafetensorsEntry> ModelTensors()
    {
        foreach (var slot in _parameters.Layout.Slots)
        {
            long[] shape = slot.IsMatrix ? [slot.Rows, slot.Columns] : [slot.Columns];
            yield return new SafetensorsEntry(slot.Name, SafetensorsType.F32, shape, stream => stream.Write(_parameters.BytesOf(slot)));
        }
    }

    IEnumerable<SafetensorsEntry> OptimizerTensors() =>
        _optimizer.State.Select(pair => new SafetensorsEntry(pair.Key, SafetensorsType.F32, [pair.Value.shape[0]], stream => stream.Write(pair.Value.RawBytes())));

    void Restore(Checkpoint checkpoint)
    {
        if (checkpoint.State.ConfigHash != _plan.Hash())
        {
            throw new NoosException($"The run in '{_store.Folder}' was started with other settings; give the same settings to resume it, or choose another folder.");
        }

        using (var model = checkpoint.Open(ModelBlob))
        {
            _parameters.Load(model);
        }

        using (var optimizer = checkpoint.Open(OptimizerBlob))
        {
            foreach (var (name, tensor) in _optimizer.State)
            {
                optimizer.Data(name).CopyTo(tensor.RawBytes());
            }
        }

        _state = checkpoint.State;
        // Skipped updates did not reach the optimizer.
        _optimizer.StepCount = _state.Step - _state.SkippedUpdates;
        _outliers.Restore(_state.Outliers);
    }

    /// <summary>Returns to the last checkpoint, passes over the rows that did the harm, and goes on at half the rate.</summary>
    void RollBack(double loss, double norm)
    {
        var trouble = _state;
        if (++_rollBacks > MostRollBacks || _store.LoadLatest() is not { } checkpoint)
        {
            throw new NoosException($"The training diverges at step {trouble.Step} (loss {loss:g4}, gradient norm {norm:g4}) again and again; lower the learning rate or look at the data of these rows.");
        }

        Restore(checkpoint);
        _state = _state with
        {
            Rows = trouble.Rows + _plan.RowsPerStep,
            LearningRateScale = trouble.LearningRateScale * RollBackFactor,
        };
        _observer.Event(new RunEvent(trouble.Step, RunEvent.RollBack, $"loss {loss:g4}, gradient norm {norm:g4}: back to step {_state.Step}, rate × {_state.LearningRateScale:g3}"));
        Save();
    }
}
