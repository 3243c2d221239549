namespace Noos.Training.Planning.Simulation;

/// <summary>
/// Discrete-event simulation of one synchronous training run on many servers: crashes, stragglers, silent corruption, spares and repair,
/// checkpoints that are under way when the next failure comes. Equal options give equal runs. Not thread-safe; used once.
/// </summary>
public sealed class RunSimulator
{
    // Kept so that a corruption which is noticed late finds one from before it; older ones are further apart in every real store.
    const int MaxCheckpoints = 512;

    readonly SimulationOptions _options;
    readonly RecoveryDesign _design;
    readonly SimulationRandom _random;
    readonly PriorityQueue<Happening, (double Time, long Order)> _queue = new();
    readonly List<(double Work, double DurableAt)> _checkpoints = [(0, 0)];
    readonly List<(double Noticed, double Work)> _corruptions = [];
    readonly HashSet<int> _stragglers = [];
    readonly List<RunSegment> _timeline = [];
    readonly List<RunIncident> _incidents = [];
    readonly List<(double Time, double Work)> _progress = [(0, 0)];

    // When servers come back from repair.
    readonly PriorityQueue<double, double> _returns = new();

    // Seconds of one second of work: checks make each step longer.
    readonly double _pace;
    readonly double _target;
    readonly double _interval;

    long _order;
    double _time;
    double _work;
    double _mostWork;
    double _lastCheckpoint;
    int _spares;
    int _maxRepairs;
    int _missingReplicas;
    int _restarts;
    double _redone;
    double _slowdown;
    double _stalls;
    double _recovering;
    double _waiting;

    public RunSimulator(SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Nodes, 1, nameof(options));
        _options = options;
        _design = options.Design;
        _random = new SimulationRandom(options.Seed);
        _pace = 1 + _design.VerificationShare;
        _target = options.Steps * options.StepSeconds;
        _spares = (int)Math.Ceiling(options.Nodes * _design.SpareShare);
        _interval = ChooseInterval(_design, options.Nodes, options.Rates);
    }

    /// <summary>Seconds between the failures that make this design go back to a checkpoint.</summary>
    public static double MeanTimeBetweenFailures(int nodes, FailureRates rates) =>
        86_400 * 1000 / (nodes * Math.Max(1e-12, rates.Crashes));

    /// <summary>The interval of a design: its own, or Daly's, but not before the last checkpoint is written.</summary>
    public static double ChooseInterval(RecoveryDesign design, int nodes, FailureRates rates) =>
        design.IntervalSeconds ?? Math.Clamp(
            CheckpointInterval.Daly(design.StallSeconds, MeanTimeBetweenFailures(nodes, rates)),
            Math.Max(design.WriteSeconds, 1),
            86_400);

    public SimulatedRun Run()
    {
        for (var node = 0; node < _options.Nodes; node++)
        {
            Schedule(node, HappeningKind.Crash, _options.Rates.Crashes);
            Schedule(node, HappeningKind.Straggler, _options.Rates.Stragglers);
            Schedule(node, HappeningKind.Corruption, _options.Rates.Corruptions);
        }

        SchedulePlanned();
        while (_work < _target && _time < _options.MaxSeconds)
        {
            var next = _queue.TryPeek(out _, out var priority) ? priority.Time : double.PositiveInfinity;
            if (!TrainUntil(next))
            {
                Handle(_queue.Dequeue());
            }
        }

        Mark();
        return new SimulatedRun
        {
            IsComplete = _work >= _target,
            Elapsed = _time,
            Useful = _work,
            Redone = _redone,
            Slowdown = _slowdown,
            Verification = (_work + _redone) * (_pace - 1),
            Stalls = _stalls,
            Recovering = _recovering,
            Waiting = _waiting,
            Restarts = _restarts,
            Interval = _interval,
            MaxRepairs = _maxRepairs,
            Timeline = _timeline,
            Incidents = _incidents,
            Progress = _progress,
        };
    }

    /// <summary>Seconds that one second of work takes at the moment, by stragglers and missing replicas.</summary>
    double Drag =>
        (_stragglers.Count > 0 ? 1 + _options.Rates.StragglerSlowdown : 1)
        * _options.Replicas / Math.Max(1.0, _options.Replicas - _missingReplicas);

    /// <summary>Trains until the next event, checkpoint or the end, whichever comes first; false when it is the event.</summary>
    bool TrainUntil(double next)
    {
        var drag = Drag;
        var untilCheckpoint = _lastCheckpoint + _interval - _work;
        var work = Math.Min(untilCheckpoint, _target - _work);
        var end = _time + (work * _pace * drag);
        var isEvent = next < end;
        if (isEvent)
        {
            work = (next - _time) / (_pace * drag);
            end = next;
        }

        var isCheckpoint = !isEvent && work == untilCheckpoint;
        var isEnd = !isEvent && !isCheckpoint;
        Advance(work, end, drag);
        if (isEnd)
        {
            // Not a rounding error before it, for ever.
            _work = _target;
        }

        if (isCheckpoint && _work < _target)
        {
            _lastCheckpoint = _work;
            _time += _design.StallSeconds;
            _stalls += _design.StallSeconds;
            _checkpoints.Add((_work, _time + _design.WriteSeconds));
            if (_checkpoints.Count > MaxCheckpoints)
            {
                // Every second one of the older half: what is kept reaches ever further back.
                for (var index = MaxCheckpoints / 2; index > 0; index -= 2)
                {
                    _checkpoints.RemoveAt(index);
                }
            }
        }

        return !isEvent;
    }

    void Advance(double work, double end, double drag)
    {
        if (end <= _time)
        {
            return;
        }

        // What was lost comes first, then what is new.
        var again = Math.Clamp(_mostWork - _work, 0, work);
        var middle = _time + (again * _pace * drag);
        Draw(RunPhase.Redone, _time, Math.Min(middle, end));
        Draw(drag > 1 ? RunPhase.Slow : RunPhase.Useful, middle, end);
        _slowdown += work * _pace * (drag - 1);
        _work += work;
        _mostWork = Math.Max(_mostWork, _work);
        _time = end;
    }

    void Mark() => _progress.Add((_time, _work));

    void Handle(Happening happening)
    {
        Mark();
        switch (happening.Kind)
        {
            case HappeningKind.Crash:
                Crash(happening.Node);
                break;
            case HappeningKind.Straggler:
                _stragglers.Add(happening.Node);
                Enqueue(_time + _random.Exponential(1 / _design.StragglerDetectionSeconds), HappeningKind.StragglerNoticed, happening.Node);
                break;
            case HappeningKind.StragglerNoticed:
                ReplaceStraggler(happening.Node);
                break;
            case HappeningKind.Corruption:
                var noticed = _time + _random.Exponential(1 / _design.CorruptionDetectionSeconds);
                _corruptions.Add((noticed, _work));
                Enqueue(noticed, HappeningKind.CorruptionNoticed, happening.Node);
                Schedule(happening.Node, HappeningKind.Corruption, _options.Rates.Corruptions);
                break;
            case HappeningKind.CorruptionNoticed:
                UndoCorruption(happening.Node);
                break;
            case HappeningKind.Rejoined:
                _missingReplicas--;
                break;
            case HappeningKind.Planned:
                Planned();
                break;
            default:
                throw new InvalidOperationException($"Unknown event {happening.Kind}.");
        }
    }

    void Crash(int node)
    {
        var cause = ChooseCause();
        _incidents.Add(new RunIncident(_time, cause.Name, node));

        Schedule(node, HappeningKind.Crash, _options.Rates.Crashes);
        if (cause.NeedsNode && _stragglers.Remove(node))
        {
            Schedule(node, HappeningKind.Straggler, _options.Rates.Stragglers);
        }

        if (_design.IsElastic && _options.Replicas - _missingReplicas > 1)
        {
            LoseStep();
            Recover(Exponential(_design.DetectionSeconds) + _design.RestartSeconds, node: -1);
            _missingReplicas++;
            var spareAt = cause.NeedsNode ? ReplaceServer() : _time;
            Enqueue(spareAt + _design.RejoinSeconds, HappeningKind.Rejoined, node);
            return;
        }

        FallBack(_time, double.PositiveInfinity);
        Recover(RecoverySeconds(), cause.NeedsNode ? node : -1);
    }

    double RecoverySeconds() =>
        Exponential(_design.DetectionSeconds) + Exponential(_design.DiagnosisSeconds) + _design.RestartSeconds;

    double Exponential(double mean) => mean <= 0 ? 0 : _random.Exponential(1 / mean);

    /// <summary>The step at hand is thrown away.</summary>
    void LoseStep()
    {
        var lost = Math.Min(_work % _options.StepSeconds, _work - _lastCheckpoint);
        _work -= lost;
        _redone += lost;
        Mark();
    }

    /// <summary>Back to the newest checkpoint that was durable at a time and holds no work after another.</summary>
    void FallBack(double durableAt, double cleanWork)
    {
        _checkpoints.RemoveAll(checkpoint => checkpoint.DurableAt > durableAt || checkpoint.Work > cleanWork);
        var target = _checkpoints[^1].Work;
        _redone += _work - target;
        _work = target;
        _lastCheckpoint = target;

        // What was corrupted later is gone with it.
        _corruptions.RemoveAll(corruption => corruption.Work > target);
        Mark();
    }

    /// <summary>Nothing is trained for a while, and until a server is there; failures meanwhile make it longer.</summary>
    void Recover(double seconds, int node)
    {
        _restarts++;
        var end = _time + seconds;
        var spareAt = node >= 0 ? ReplaceServer() : _time;

        // Servers that fail while nothing runs on them are noticed in the restart, which begins anew. Only crashes matter now: what else
        // happens is handled when the run is back.
        var later = new List<Happening>();
        while (_queue.TryPeek(out var happening, out var priority) && priority.Time < Math.Max(end, spareAt))
        {
            _queue.Dequeue();
            if (happening.Kind == HappeningKind.Crash)
            {
                _incidents.Add(new RunIncident(priority.Time, ChooseCause().Name, happening.Node));
                Enqueue(priority.Time + _random.Exponential(Rate(_options.Rates.Crashes)), HappeningKind.Crash, happening.Node);
                end = Math.Max(end, priority.Time + _design.RestartSeconds);
                _restarts++;
            }
            else
            {
                later.Add(happening);
            }
        }

        Draw(RunPhase.Recovering, _time, end);
        Draw(RunPhase.Waiting, end, spareAt);
        _recovering += end - _time;
        _waiting += Math.Max(0, spareAt - end);
        _time = Math.Max(end, spareAt);
        foreach (var happening in later)
        {
            Enqueue(_time, happening.Kind, happening.Node);
        }

        Mark();
    }

    /// <summary>A server leaves for repair; the time when another can take its place.</summary>
    double ReplaceServer()
    {
        CollectRepaired();
        var repaired = _time + _random.Exponential(1 / (_options.Rates.RepairHours * 3600));
        _returns.Enqueue(repaired, repaired);
        _maxRepairs = Math.Max(_maxRepairs, _returns.Count);
        if (_spares > 0)
        {
            _spares--;
            return _time;
        }

        // No spare: the first server that comes back, which may be this one.
        return Math.Max(_time, _returns.Dequeue());
    }

    void CollectRepaired()
    {
        while (_returns.TryPeek(out var at, out _) && at <= _time)
        {
            _returns.Dequeue();
            _spares++;
        }
    }

    void ReplaceStraggler(int node)
    {
        if (!_stragglers.Contains(node))
        {
            return;
        }

        CollectRepaired();
        if (_spares == 0)
        {
            // Slow is better than nothing: again when a spare may be there.
            Enqueue(_time + (_options.Rates.RepairHours * 3600 / 4), HappeningKind.StragglerNoticed, node);
            return;
        }

        _stragglers.Remove(node);
        _incidents.Add(new RunIncident(_time, "straggler", node));
        Schedule(node, HappeningKind.Straggler, _options.Rates.Stragglers);
        if (_design.IsElastic && _options.Replicas - _missingReplicas > 1)
        {
            _missingReplicas++;
            Enqueue(ReplaceServer() + _design.RejoinSeconds, HappeningKind.Rejoined, node);
            return;
        }

        // At a step of one's own choice nothing is lost: a checkpoint, then the restart.
        _checkpoints.Add((_work, _time));
        _lastCheckpoint = _work;
        Recover(_design.StallSeconds + _design.WriteSeconds + _design.RestartSeconds, node);
    }

    void UndoCorruption(int node)
    {
        var index = _corruptions.FindIndex(corruption => corruption.Noticed <= _time);
        if (index < 0)
        {
            // The run went back to before it meanwhile.
            return;
        }

        var (_, work) = _corruptions[index];
        _corruptions.RemoveAt(index);
        _incidents.Add(new RunIncident(_time, "silent corruption", node));
        FallBack(_time, work);
        Recover(RecoverySeconds(), node);
    }

    void Planned()
    {
        _incidents.Add(new RunIncident(_time, "planned", -1));
        _checkpoints.Add((_work, _time));
        _lastCheckpoint = _work;
        Recover(_design.PlannedSeconds, node: -1);
        SchedulePlanned();
    }

    FailureCause ChooseCause()
    {
        var causes = _options.Rates.Causes;
        var rest = _random.Next() * causes.Sum(cause => cause.Share);
        foreach (var cause in causes)
        {
            rest -= cause.Share;
            if (rest < 0)
            {
                return cause;
            }
        }

        return causes[^1];
    }

    static double Rate(double perThousandDays) => perThousandDays / 1000 / 86_400;

    void Schedule(int node, HappeningKind kind, double perThousandDays)
    {
        var at = _time + _random.Exponential(Rate(perThousandDays));
        if (double.IsFinite(at))
        {
            Enqueue(at, kind, node);
        }
    }

    void SchedulePlanned()
    {
        if (_options.Rates.PlannedPerDay > 0)
        {
            Enqueue(_time + _random.Exponential(_options.Rates.PlannedPerDay / 86_400), HappeningKind.Planned, -1);
        }
    }

    // Events of the same time come in the order in which they were made: a run must not depend on how a heap breaks ties.
    void Enqueue(double time, HappeningKind kind, int node) => _queue.Enqueue(new Happening(kind, node), (time, _order++));

    void Draw(RunPhase phase, double start, double end)
    {
        if (end <= start)
        {
            return;
        }

        if (_timeline.Count > 0 && _timeline[^1] is { } last && last.Phase == phase && start - last.End < 2 * _design.StallSeconds + 1e-6)
        {
            _timeline[^1] = last with { End = end };
        }
        else
        {
            _timeline.Add(new RunSegment(phase, start, end));
        }
    }

    enum HappeningKind
    {
        Crash,
        Straggler,
        StragglerNoticed,
        Corruption,
        CorruptionNoticed,
        Rejoined,
        Planned,
    }

    readonly record struct Happening(HappeningKind Kind, int Node);
}
