using System.Collections.Concurrent;
using Noos.Core;
using Noos.Language.Safetensors;
using Noos.Training.Checkpoints;
using Noos.Training.Gradients;
using Noos.Training.Model;
using Noos.Training.Optimizers;
using Noos.Training.Torch;
using static TorchSharp.torch;

namespace Noos.Training.Runs;

/// <summary>
/// The training loop, for every objective alike: rows in, updates, evaluations, checkpoints. Interrupted anywhere, even by a kill, it
/// resumes to bit-equal weights.
/// </summary>
/// <remarks>
/// Holds the lock of its folder until disposed. Not thread-safe; <see cref="RunAsync"/> works on a thread of its own, so that a server can
/// run one as well as a terminal. Several runs in one process, one after the other or side by side, know nothing of each other.
/// </remarks>
public sealed class TrainingRun : IDisposable
{
    delegate Span<byte> BytesSource();

    /// <summary>
    /// Name of the checkpoint file that holds the weights: the transformer's by their GGUF names, and the objective's own.
    /// </summary>
    public const string ModelBlob = "model";

    const string OptimizerBlob = "optimizer";

    // A roll-back gives the next attempt a gentler rate; after so many the data or the settings are at fault.
    const double RollBackFactor = 0.5;
    const int MaxRollBacks = 8;

    // Machines that compute something wrong are taken out one by one.
    const int MaxReturns = 100;

    readonly TrainingPlan _plan;
    readonly IRowSource _rows;
    readonly IEvaluator _evaluator;
    readonly RunServices _services;
    readonly RunObservers _observer;
    readonly CheckpointStore _store;
    readonly Parameters _parameters;
    readonly IGradientSource _gradients;
    readonly IOptimizer _optimizer;
    readonly LearningRateSchedule _schedule;
    readonly OutlierDetector _outliers = new();
    readonly double _flopsPerToken;
    readonly ConcurrentQueue<string> _warnings = new();

    // A checkpoint that is being written beside the training, and its step.
    Task? _writing;
    long _writingStep;

    TrainingState _state = new() { Step = 0 };
    double _peak;
    int _rollBacks;
    int _returns;

    /// <param name="initialise">Fills the weights of a run that starts from nothing.</param>
    /// <exception cref="NoosException">The plan cannot be run, the folder is in use, or it holds a run with other settings.</exception>
    public TrainingRun(
        TrainingPlan plan, string folder, IRowSource rows, IEvaluator evaluator, Action<Parameters> initialise,
        RunServices? services = null)
    {
        _plan = plan.Validate();
        _rows = rows;
        _evaluator = evaluator;
        _services = services ?? new RunServices();
        _observer = new RunObservers(Observers(_services, plan.Steps));
        TorchRuntime.Initialize();
        _schedule = new LearningRateSchedule(1, plan.Steps, plan.WarmupSteps, plan.DecayFraction, plan.FinalFraction);
        _flopsPerToken = ComputeCost.FlopsPerToken(plan.Model);
        _store = CheckpointStore.Open(folder, new CheckpointOptions { Warn = Warn });
        try
        {
            _parameters = new Parameters(plan.Model, plan.Objective.HeadParameters(plan.Model));
            _gradients = _services.Gradients?.Invoke(
                    _plan, _parameters, note => _observer.Event(new RunEvent(_state.Step + 1, RunEvent.Worker, note)))
                ?? (plan.Products.IsWholeModel
                    ? new DeviceGradients(_parameters, plan.Products)
                    : new GradientTeam(_parameters, plan.Workers, plan.Objective.RowsPerSample, plan.Products));
            _optimizer = plan.Muon is { } muon
                ? new Muon(_parameters, _gradients.Gradient, muon, plan.AdamW, plan.Products, plan.Workers)
                : new AdamW(_parameters, _gradients.Gradient, plan.AdamW);
            Begin(initialise);
        }
        catch
        {
            // The next attempt, with other settings perhaps, must find the folder unlocked.
            Dispose();
            throw;
        }
    }

    public Parameters Parameters => _parameters;

    public long Step => _state.Step;

    public bool IsComplete => _state.Step >= _plan.Steps;

    /// <summary>
    /// <see cref="Run"/> on a thread of its own, which never belongs to the pool: a run takes hours. The task ends normally when the token
    /// asks to stop; <see cref="IsComplete"/> tells which it was.
    /// </summary>
    /// <exception cref="NoosException">The training diverges, or a checkpoint cannot be written.</exception>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.Factory.StartNew(() => Run(cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Trains until the plan is done or the token asks to stop; either way the last state is saved.</summary>
    /// <exception cref="NoosException">The training diverges, or a checkpoint cannot be written.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        if (IsComplete)
        {
            return;
        }

        using var activity = Telemetry.Activities.StartActivity("train");
        _peak = MeasurePeak();
        if (_state.Step == 0)
        {
            // Before the first update, so that a roll-back has something to return to.
            Save();
        }

        while (!IsComplete && !cancellationToken.IsCancellationRequested)
        {
            if (!TryStep())
            {
                continue;
            }

            if (IsComplete || _state.Step % _plan.EvaluateEvery == 0)
            {
                Evaluate(cancellationToken);
            }

            if (IsComplete || _state.Step % _plan.CheckpointEvery == 0)
            {
                Save();
            }
            else
            {
                TakeWritten(wait: false);
            }
        }

        if (IsComplete)
        {
            TakeWritten(wait: true);
            Log.RunDone(_services.Logger, _store.Folder, _state.Step, _state.Tokens);
            return;
        }

        if (_state.Step % _plan.CheckpointEvery != 0)
        {
            Save();
        }

        TakeWritten(wait: true);
        Log.RunStopped(_services.Logger, _store.Folder, _state.Step);
    }

    public void Dispose()
    {
        try
        {
            _writing?.Wait();
        }
        catch (AggregateException)
        {
            // The checkpoints before it are untouched.
        }

        // All but the store may be missing when the constructor failed.
        _optimizer?.Dispose();
        _gradients?.Dispose();
        _parameters?.Dispose();
        _store.Dispose();
    }

    static List<IRunObserver> Observers(RunServices services, long totalSteps)
    {
        var observers = new List<IRunObserver>();
        if (services.Observer is { } observer)
        {
            observers.Add(observer);
        }

        if (services.Progress is { } progress)
        {
            observers.Add(new ProgressObserver(totalSteps, progress));
        }

        return observers;
    }

    /// <summary>Goes on from the newest checkpoint, or starts from nothing.</summary>
    void Begin(Action<Parameters> initialise)
    {
        if (_store.LoadLatest() is { } checkpoint)
        {
            Restore(checkpoint);
            _observer.Resumed(_state.Step);
            Log.RunResumed(_services.Logger, _store.Folder, _state.Step, _plan.Steps);
        }
        else if (_store.HasCheckpoints)
        {
            throw new NoosException(
                ErrorKind.Damaged,
                $"None of the checkpoints in '{_store.Folder}' is intact; choose another folder, or delete this one to start anew.");
        }
        else
        {
            initialise(_parameters);
            _state = new TrainingState { Step = 0, ConfigHash = _plan.Hash() };
            Log.RunStarted(_services.Logger, _store.Folder, _plan.Steps, _state.ConfigHash);
        }
    }

    /// <summary>One update; false when the run was rolled back instead.</summary>
    bool TryStep()
    {
        var start = _services.Clock.GetTimestamp();
        var rows = new TrainingRow[_plan.RowsPerStep];
        for (var index = 0; index < rows.Length; index++)
        {
            rows[index] = _rows.Read(_state.Rows + index);
        }

        double loss;
        try
        {
            loss = _gradients.Compute(_plan.Objective, rows, _state.Step + 1);
        }
        catch (TaintedWeightsException tainted)
        {
            ReturnToCheckpoint(tainted.Message);
            return false;
        }

        var norm = ClipGradient();
        var verdict = _outliers.Judge(loss, norm);
        if (verdict == OutlierVerdict.RollBack)
        {
            RollBack(loss, norm);
            return false;
        }

        var rate = _schedule.At(_state.Step) * _state.LearningRateScale;
        if (verdict == OutlierVerdict.Normal)
        {
            _optimizer.Step(rate);
        }
        else
        {
            Log.OutlierSkipped(_services.Logger, _state.Step + 1, loss, norm);
        }

        var tokens = rows.Sum(row => (long)row.Length);
        _state = _state with
        {
            Step = _state.Step + 1,
            Rows = _state.Rows + rows.Length,
            Tokens = _state.Tokens + tokens,
            SkippedUpdates = _state.SkippedUpdates + (verdict == OutlierVerdict.Skip ? 1 : 0),
        };
        var duration = _services.Clock.GetElapsedTime(start).TotalSeconds;

        // A clock that stands still (in a test) must not make the speed infinite.
        var speed = tokens / Math.Max(duration, 1e-9);
        Telemetry.Steps.Add(1);
        Telemetry.Tokens.Add(tokens);
        Telemetry.Loss.Record(loss);
        Telemetry.StepDuration.Record(duration);
        _observer.Trained(new StepMetrics(
            _state.Step,
            _state.Tokens,
            loss,
            norm,
            rate * _plan.AdamW.LearningRate,
            speed,
            speed * _flopsPerToken / _peak,
            _services.Clock.GetUtcNow(),
            verdict == OutlierVerdict.Skip));
        return true;
    }

    void Evaluate(CancellationToken cancellationToken)
    {
        using var activity = Telemetry.Activities.StartActivity("evaluate");
        try
        {
            _observer.Evaluated(_evaluator.Evaluate(
                new ModelSnapshot(_state.Step, _state.Tokens, _gradients, _parameters), cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Whoever asked to stop may not wait for minutes; the weights do not depend on an evaluation, the checkpoint matters more.
            return;
        }

        // On a busy machine one measurement of the peak is too low, and the utilisation would look too good.
        _peak = Math.Max(_peak, MeasurePeak());
    }

    double MeasurePeak() => _services.MeasurePeak is { } measure ? measure() : _gradients.MeasurePeak();

    void Warn(string message)
    {
        if (_services.WritesBesideTraining)
        {
            // On the thread that writes; observers hear it on that which trains.
            _warnings.Enqueue(message);
            return;
        }

        TellWarning(message);
    }

    void TellWarning(string message)
    {
        Log.CheckpointTrouble(_services.Logger, message);
        _observer.Event(new RunEvent(_state.Step, "warning", message));
    }

    // Pascanu et al., 2013. Returns the norm before clipping.
    double ClipGradient()
    {
        var norm = _gradients.Norm;
        if (norm > _plan.GradientClip)
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            _gradients.Gradient.mul_(_plan.GradientClip / norm);
        }

        return norm;
    }

    void Save()
    {
        using var activity = Telemetry.Activities.StartActivity("save checkpoint");
        TakeWritten(wait: true);
        _state = _state with { Outliers = _outliers.State };
        if (!_services.WritesBesideTraining)
        {
            _store.Save(_state, Blobs(copies: false));
            TellSaved(_state.Step);
            return;
        }

        // The copy is the only stop: the next update changes the originals while this is written.
        var (state, blobs) = (_state, Blobs(copies: true));
        _writingStep = state.Step;
        _writing = Task.Run(() => _store.Save(state, blobs));
    }

    /// <summary>Tells of a checkpoint that was written beside the training, and of its failure.</summary>
    void TakeWritten(bool wait)
    {
        if (_writing is { } writing && (wait || writing.IsCompleted))
        {
            _writing = null;
            writing.GetAwaiter().GetResult();
            TellSaved(_writingStep);
        }

        while (_warnings.TryDequeue(out var warning))
        {
            TellWarning(warning);
        }
    }

    void TellSaved(long step)
    {
        Log.CheckpointWritten(_services.Logger, _store.Folder, step);
        _observer.Saved(step);
    }

    List<CheckpointBlob> Blobs(bool copies)
    {
        var blobs = new List<CheckpointBlob> { new(ModelBlob, [.. _parameters.Layout.Slots.Select(slot =>
        {
            long[] shape = slot.IsMatrix ? [slot.Rows, slot.Columns] : [slot.Columns];
            return Entry(slot.Name, shape, () => _parameters.BytesOf(slot), copies);
        })]) };
        var shards = _services.CheckpointShards;
        for (var shard = 0; shard < shards; shard++)
        {
            blobs.Add(new CheckpointBlob(
                shards == 1 ? OptimizerBlob : Checkpoint.NameOfShard(OptimizerBlob, shard, shards),
                [.. _optimizer.State.Select(pair =>
                {
                    var (start, end) = (pair.Value.shape[0] * shard / shards, pair.Value.shape[0] * (shard + 1) / shards);
                    var (offset, count) = (checked((int)(start * sizeof(float))), checked((int)((end - start) * sizeof(float))));
                    return Entry(pair.Key, [end - start], () => pair.Value.RawBytes().Slice(offset, count), copies);
                })]));
        }

        return blobs;
    }

    static SafetensorsEntry Entry(string name, long[] shape, BytesSource bytes, bool copy)
    {
        if (copy)
        {
            return new SafetensorsEntry(name, SafetensorsType.F32, shape, bytes().ToArray());
        }

        return new SafetensorsEntry(name, SafetensorsType.F32, shape, stream => stream.Write(bytes()));
    }

    void Restore(Checkpoint checkpoint)
    {
        if (!_plan.HasHash(checkpoint.State.ConfigHash))
        {
            throw new NoosException(
                ErrorKind.Refused,
                $"The run in '{_store.Folder}' was started with other settings; give the same settings to resume it, or choose another "
                + "folder.");
        }

        using (var model = checkpoint.Open(ModelBlob))
        {
            _parameters.Load(model);
        }

        foreach (var (name, tensor) in _optimizer.State)
        {
            // Shards are neighbouring ranges, in the order of their numbers.
            var target = tensor.RawBytes();
            var done = 0;
            foreach (var blob in checkpoint.ShardsOf(OptimizerBlob))
            {
                using var optimizer = checkpoint.Open(blob);
                var stored = optimizer.Data(name);
                if (stored.Length <= target.Length - done)
                {
                    stored.CopyTo(target[done..]);
                }

                done += stored.Length;
            }

            if (done != target.Length)
            {
                throw new NoosException(
                    ErrorKind.Damaged,
                    $"The optimizer state '{name}' in '{checkpoint.Folder}' has {done:N0} bytes, not {target.Length:N0}; "
                    + "delete this checkpoint.");
            }
        }

        // A checkpoint of an older version carries its own kind of hash; from here on it is today's.
        _state = checkpoint.State with { ConfigHash = _plan.Hash() };

        // Skipped updates did not reach the optimizer.
        _optimizer.StepCount = _state.Step - _state.SkippedUpdates;
        _outliers.Restore(_state.Outliers);
    }

    /// <summary>Returns to the last checkpoint, before which gradients were right, and goes on with the same rows.</summary>
    void ReturnToCheckpoint(string reason)
    {
        TakeWritten(wait: true);
        var step = _state.Step + 1;
        if (++_returns > MaxReturns || _store.LoadLatest() is not { } checkpoint)
        {
            throw new NoosException(
                ErrorKind.Unavailable,
                $"Gradients of step {step} are wrong again and again ({reason}); take the machines out that were named, and start again: "
                + "the run goes on from its last checkpoint.");
        }

        Restore(checkpoint);
        _observer.Resumed(_state.Step);
        _observer.Event(new RunEvent(
            step, RunEvent.RollBack, $"{reason}: back to step {_state.Step}, and on with the same rows"));
    }

    /// <summary>Returns to the last checkpoint, passes over the rows that did the harm, and goes on at half the rate.</summary>
    void RollBack(double loss, double norm)
    {
        var trouble = _state;
        TakeWritten(wait: true);
        if (++_rollBacks > MaxRollBacks || _store.LoadLatest() is not { } checkpoint)
        {
            throw new NoosException(
                ErrorKind.Invalid,
                $"The training diverges at step {trouble.Step} (loss {loss:g4}, gradient norm {norm:g4}) again and again; lower the "
                + "learning rate or look at the data of these rows.");
        }

        Restore(checkpoint);
        _state = _state with
        {
            Rows = trouble.Rows + _plan.RowsPerStep,
            LearningRateScale = trouble.LearningRateScale * RollBackFactor,
        };
        Log.RolledBack(_services.Logger, trouble.Step, _state.Step, loss, norm);
        _observer.Event(new RunEvent(
            trouble.Step,
            RunEvent.RollBack,
            $"loss {loss:g4}, gradient norm {norm:g4}: back to step {_state.Step}, rate × {_state.LearningRateScale:g3}"));

        // At once: a kill before the next checkpoint must not bring the harmful rows back.
        Save();
    }
}
