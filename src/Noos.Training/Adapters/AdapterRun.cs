using Noos.Core;
using Noos.Training.Checkpoints;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Training.Adapters;

/// <summary>
/// Trains an adapter over a frozen base: rows in, updates, checkpoints. Interrupted anywhere, even by a kill, it resumes to bit-equal
/// values. The base is only read.
/// </summary>
/// <remarks>Holds the lock of its folder until disposed. Not thread-safe; needs no libtorch.</remarks>
public sealed unsafe class AdapterRun : IDisposable
{
    const string AdapterBlob = "adapter";
    const string OptimizerBlob = "optimizer";

    readonly FrozenDecoder _model;
    readonly AdapterPlan _plan;
    readonly IRowSource _rows;
    readonly RunServices _services;
    readonly ProgressObserver? _progress;
    readonly CheckpointStore _store;
    readonly LoraParameters _parameters;
    readonly AdapterTeam _team;
    readonly FlatAdamW _optimizer;
    readonly LearningRateSchedule _schedule;

    TrainingState _state = new() { Step = 0 };

    /// <exception cref="NoosException">The plan cannot be run, the folder is in use, or it holds a run with other settings.</exception>
    public AdapterRun(FrozenDecoder model, AdapterPlan plan, string folder, IRowSource rows, RunServices? services = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(plan);
        (_model, _plan, _rows) = (model, plan.Validate(), rows);
        _services = services ?? new RunServices();
        _progress = _services.Progress is { } progress ? new ProgressObserver(plan.Steps, progress) : null;
        _schedule = new LearningRateSchedule(1, plan.Steps, plan.WarmupSteps, plan.DecayFraction, plan.FinalFraction);
        var kernel = plan.Products.FindKernel()!;
        _store = CheckpointStore.Open(folder, new CheckpointOptions { KeepLast = 2, KeepEvery = 0, Warn = Warn });
        try
        {
            _parameters = new LoraParameters(model.Slots);
            _team = new AdapterTeam(
                model, _parameters, kernel,
                new AdaptedDecoderOptions(plan.MaxLength, plan.TokensPerPass, plan.Recompute, (ulong)plan.Seed), plan.Workers);
            _optimizer = new FlatAdamW(_parameters.Values, _parameters.Length, plan.AdamW);
            Begin();
        }
        catch
        {
            // The next attempt, with other settings perhaps, must find the folder unlocked.
            Dispose();
            throw;
        }
    }

    public LoraParameters Parameters => _parameters;

    public long Step => _state.Step;

    public bool IsComplete => _state.Step >= _plan.Steps;

    /// <summary>Loss of the last update in nats per target; NaN before the first.</summary>
    public double LastLoss { get; private set; } = double.NaN;

    /// <summary>Tokens trained on, those of prompts included.</summary>
    public long Tokens => _state.Tokens;

    /// <summary>Bytes of activations that all workers of a plan keep.</summary>
    public static long ActivationBytes(FrozenDecoder model, AdapterPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return AdaptedDecoder.BytesPerRow(model, plan.Recompute) * plan.TokensPerPass * plan.Workers;
    }

    /// <summary>Trains until the plan is done or the token asks to stop; either way the last state is saved.</summary>
    /// <exception cref="NoosException">The training diverges, or a checkpoint cannot be written.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        using var activity = Telemetry.Activities.StartActivity("train adapter");
        while (!IsComplete && !cancellationToken.IsCancellationRequested)
        {
            Update();
            if (IsComplete || _state.Step % _plan.CheckpointEvery == 0 || cancellationToken.IsCancellationRequested)
            {
                Save();
            }
        }

        if (IsComplete)
        {
            Log.RunDone(_services.Logger, _store.Folder, _state.Step, _state.Tokens);
        }
        else
        {
            Log.RunStopped(_services.Logger, _store.Folder, _state.Step);
        }
    }

    /// <summary>The mean loss of rows in nats per target, without dropout.</summary>
    public double Loss(IReadOnlyList<TrainingRow> rows) => _team.Loss([.. rows.Select(row => new AdapterRow(row, 0))]);

    /// <summary>Writes the adapter as it is now, as a GGUF file.</summary>
    /// <inheritdoc cref="LoraAdapterWriter.Write"/>
    public void Write(string path, string name) => LoraAdapterWriter.Write(path, name, _model, _parameters);

    public void Dispose()
    {
        // All but the store may be missing when the constructor failed.
        _optimizer?.Dispose();
        _team?.Dispose();
        _parameters?.Dispose();
        _store.Dispose();
    }

    void Begin()
    {
        var hash = _plan.Hash(_model.Options);
        if (_store.LoadLatest() is not { } checkpoint)
        {
            if (_store.HasCheckpoints)
            {
                throw new NoosException(
                    ErrorKind.Damaged,
                    $"None of the checkpoints in '{_store.Folder}' is intact; choose another folder, or delete this one to start anew.");
            }

            _parameters.Initialize(_plan.Seed);
            _state = new TrainingState { Step = 0, ConfigHash = hash };
            Log.RunStarted(_services.Logger, _store.Folder, _plan.Steps, hash);
            return;
        }

        if (checkpoint.State.ConfigHash != hash)
        {
            throw new NoosException(
                ErrorKind.Refused,
                $"The run in '{_store.Folder}' was started with another base, other data or other settings; give the same to resume it, or "
                + "choose another folder.");
        }

        using (var adapter = checkpoint.Open(AdapterBlob))
        {
            _parameters.Load(adapter);
        }

        using (var optimizer = checkpoint.Open(OptimizerBlob))
        {
            if (!_optimizer.TryLoad(optimizer))
            {
                throw new NoosException(
                    ErrorKind.Damaged, $"The optimizer state in '{checkpoint.Folder}' is of another size; delete this checkpoint.");
            }
        }

        _state = checkpoint.State;
        _optimizer.StepCount = _state.Step;
        _progress?.Resumed(_state.Step);
        Log.RunResumed(_services.Logger, _store.Folder, _state.Step, _plan.Steps);
    }

    void Update()
    {
        var start = _services.Clock.GetTimestamp();
        var rows = new AdapterRow[_plan.RowsPerStep];
        for (var index = 0; index < rows.Length; index++)
        {
            rows[index] = new AdapterRow(_rows.Read(_state.Rows + index), _state.Rows + index);
        }

        var loss = _team.Compute(rows);
        if (!double.IsFinite(loss) || !double.IsFinite(_team.Norm))
        {
            throw new NoosException(
                ErrorKind.Invalid, $"The training diverges at update {_state.Step + 1}; lower the learning rate, delete '{_store.Folder}', "
                + "and start anew.");
        }

        var rate = _schedule.At(_state.Step);

        // Pascanu et al., 2013.
        _optimizer.Step(_team.Gradient, Math.Min(1, _plan.GradientClip / Math.Max(_team.Norm, 1e-30)), rate);
        var tokens = rows.Sum(one => (long)one.Row.Length);
        _state = _state with
        {
            Step = _state.Step + 1,
            Rows = _state.Rows + rows.Length,
            Tokens = _state.Tokens + tokens,
        };
        LastLoss = loss;
        var duration = _services.Clock.GetElapsedTime(start).TotalSeconds;
        Telemetry.Steps.Add(1);
        Telemetry.Tokens.Add(tokens);
        Telemetry.Loss.Record(loss);
        Telemetry.StepDuration.Record(duration);
        var metrics = new StepMetrics(
            _state.Step, _state.Tokens, loss, _team.Norm, rate * _plan.AdamW.LearningRate, tokens / Math.Max(duration, 1e-9), Mfu: 0,
            _services.Clock.GetUtcNow(), Skipped: false);
        _services.Observer?.Trained(metrics);
        _progress?.Trained(metrics);
    }

    void Save()
    {
        using var activity = Telemetry.Activities.StartActivity("save checkpoint");
        _store.Save(
            _state,
            [new CheckpointBlob(AdapterBlob, _parameters.ToEntries()), new CheckpointBlob(OptimizerBlob, _optimizer.ToEntries())]);
        Log.CheckpointWritten(_services.Logger, _store.Folder, _state.Step);
        _services.Observer?.Saved(_state.Step);
    }

    void Warn(string message)
    {
        Log.CheckpointTrouble(_services.Logger, message);
        _progress?.Event(new RunEvent(_state.Step, "warning", message));
    }
}
