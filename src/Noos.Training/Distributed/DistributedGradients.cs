using System.Diagnostics;
using System.Globalization;
using Noos.Core;
using Noos.Training.Gradients;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Objectives;
using Noos.Training.Runs;
using Noos.Training.Torch;
using static TorchSharp.torch;

namespace Noos.Training.Distributed;

/// <summary>
/// Data-parallel gradients by worker processes over TCP. A batch is divided into as many shards as the plan has workers (threads), and they
/// are summed in their order: the sum does not depend on how many processes compute them, on which machine, or on who failed meanwhile, and
/// is that of a <see cref="GradientTeam"/>. Weights and optimizer live here, with the run; workers keep nothing, so they come and go at any
/// time, and a shard whose worker is lost is computed again by another, in the same update.
/// </summary>
/// <remarks>
/// One caller at a time. A worker that is lost, hangs, is slow or wrong is named, given up, and, where a launcher started it, replaced.
/// Each gradient comes with its checksum and that of the weights it was computed with; a sample of them is computed twice.
/// </remarks>
public sealed unsafe class DistributedGradients : IGradientSource
{
    static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50);

    // Medians of so many orders say how long a shard takes.
    const int MaxDurations = 64;

    // A worker that was just started compiles its code first.
    const int WarmUpDeliveries = 4;
    const int WarmUpFactor = 20;

    readonly TrainingPlan _plan;
    readonly Parameters _parameters;
    readonly DistributedOptions _options;
    readonly Action<WorkerIncident> _report;
    readonly TimeProvider _timeProvider;
    readonly ProductOptions _products;
    readonly Tensor[] _buffers;
    readonly nint[] _pointers;
    readonly WorkerListener _listener;
    readonly List<int> _launched = [];

    // Guards everything below, and what connections say of themselves.
    readonly object _lock = new();
    readonly List<WorkerConnection> _workers = [];
    readonly Queue<(WorkerConnection Worker, WorkerFault Fault, string Reason)> _faults = new();
    readonly HashSet<string> _banned = new(StringComparer.Ordinal);
    readonly Queue<double> _durations = new();
    readonly ShardState[] _shards;
    long _attempt;
    long _weights;
    long _step;
    ulong _weightsHash;
    TrainingRow[] _rows = [];
    float _scale;
    bool _isTainted;
    int _failuresInARow;

    // For evaluations, and as the third opinion where two workers disagree; made when first needed.
    GradientTeam? _team;
    ShardComputer? _arbiter;

    /// <param name="plan">Its workers are the shards of a batch.</param>
    /// <param name="parameters">The weights; read at each call.</param>
    /// <param name="report">Told of every fault of a worker, on the thread that computes.</param>
    /// <exception cref="NoosException">The objective cannot be computed by workers, or nobody can be awaited at the address.</exception>
    public DistributedGradients(
        TrainingPlan plan, Parameters parameters, DistributedOptions options, Action<WorkerIncident> report,
        TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(parameters);
        _plan = plan;
        _parameters = parameters;
        _options = options.Validate();
        _report = report;
        _timeProvider = timeProvider ?? TimeProvider.System;
        if (plan.Objective is not CrossEntropy)
        {
            throw new NoosException(
                ErrorKind.Invalid, $"Workers compute cross-entropy alone, not '{plan.Objective.Name}'; train without them.");
        }

        if (plan.Products.IsWholeModel)
        {
            throw new NoosException(
                ErrorKind.Invalid,
                $"Workers compute on processors, and the kernels are '{plan.Kernels}'; choose others, or train without them.");
        }

        // The fastest kernels of each machine would round in different ways: this machine's are everybody's.
        _products = plan.Products with { Kernels = plan.Products.FindKernel() is null ? ProductOptions.Libtorch : KernelName(plan) };
        _buffers = [.. Enumerable.Range(0, plan.Workers).Select(_ => zeros(parameters.Layout.Length).DetachFromDisposeScope())];
        _pointers = Array.ConvertAll(_buffers, buffer => (nint)buffer.FloatPointer());
        _shards = [.. _buffers.Select(_ => new ShardState())];
        try
        {
            _listener = new WorkerListener(options.Listen, JoinKey.Create(options.KeyFile), Refuse, Welcome, Join);
        }
        catch
        {
            Array.ForEach(_buffers, buffer => buffer.Dispose());
            throw;
        }
    }

    /// <summary>Where workers join: host and port.</summary>
    public string Address => _listener.Address;

    /// <summary>Workers that are there.</summary>
    public int WorkerCount
    {
        get
        {
            lock (_lock)
            {
                return _workers.Count;
            }
        }
    }

    /// <inheritdoc/>
    public Tensor Gradient => _buffers[0];

    /// <inheritdoc/>
    public double Norm { get; private set; }

    /// <inheritdoc/>
    public double Loss(IObjective objective, IReadOnlyList<TrainingRow> rows) =>
        (_team ??= new GradientTeam(_parameters, _plan.Workers, objective.RowsPerSample, _products)).Loss(objective, rows);

    /// <inheritdoc/>
    public double MeasurePeak() => ComputeCost.MeasurePeak(_products.Precision);

    /// <inheritdoc/>
    public double Compute(IObjective objective, IReadOnlyList<TrainingRow> rows) => Compute(objective, rows, 0);

    /// <inheritdoc/>
    public double Compute(IObjective objective, IReadOnlyList<TrainingRow> rows, long step)
    {
        var samples = GradientTeam.Split(objective, rows);
        double weight = 0;
        foreach (var sample in samples)
        {
            weight += objective.Weight(sample);
        }

        Begin([.. rows], 1f / (float)weight, step);
        do
        {
            WaitFor(() => IsComplete, CollectMissing);

            // A worker that is found to be wrong takes what it delivered with it.
            Verify(objective, samples);
        }
        while (!IsComplete);
        End();

        // Shard by shard, as a team of threads adds up: the same bits.
        var loss = _shards.Sum(shard => shard.Loss) / weight;
        Norm = Math.Sqrt(GradientSum.Reduce(_pointers, _buffers[0].numel(), Environment.ProcessorCount));
        return loss;
    }

    public void Dispose()
    {
        _listener.Dispose();
        List<WorkerConnection> workers;
        lock (_lock)
        {
            workers = [.. _workers];
            foreach (var worker in workers)
            {
                worker.IsAlive = false;
                worker.Send(stream => stream.Write(new Frame { Kind = FrameKind.Bye }, []));
            }
        }

        // A moment for the farewell: workers that hear it end in peace, the others find their connection closed.
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1) && workers.Exists(worker => worker.IsWriting))
        {
            Thread.Sleep(5);
        }

        workers.ForEach(worker => worker.Dispose());
        _options.Launcher?.Dispose();
        _team?.Dispose();
        _arbiter?.Dispose();
        Array.ForEach(_buffers, buffer => buffer.Dispose());
    }

    bool IsComplete => Array.TrueForAll(_shards, shard => shard.IsDone);

    static string KernelName(TrainingPlan plan) => plan.Products.FindKernel()!.Name;

    long Length => _parameters.Layout.Length * sizeof(float);

    WorkerWelcome Welcome() => new(
        _plan.Model, _plan.Objective.Name, _products.Kernels, _products.Precision, _plan.Workers,
        Math.Max(1, (_plan.Workers + Math.Max(1, _options.Workers) - 1) / Math.Max(1, _options.Workers)),
        (int)Math.Clamp(_options.HangTimeout.TotalMilliseconds / 5, 20, 2000));

    /// <summary>Whoever was wrong does not come back under the same name.</summary>
    string? Refuse(WorkerHello hello)
    {
        lock (_lock)
        {
            return _banned.Contains(hello.Name)
                ? "This worker was wrong before and is not trusted any more; test its machine, then start another process."
                : null;
        }
    }

    // On the listener's thread.
    void Join(FrameStream stream, WorkerHello hello)
    {
        var worker = new WorkerConnection(stream, hello, IsLaunched(hello), _timeProvider);
        lock (_lock)
        {
            _workers.Add(worker);
            Monitor.PulseAll(_lock);
        }

        worker.Start(ReceiveGradient, (lost, fault, reason) =>
        {
            lock (_lock)
            {
                _faults.Enqueue((lost, fault, reason));
                Monitor.PulseAll(_lock);
            }
        });
    }

    bool IsLaunched(WorkerHello hello)
    {
        lock (_launched)
        {
            return _launched.Contains(hello.ProcessId) && hello.Name.StartsWith(Environment.MachineName + ":", StringComparison.Ordinal);
        }
    }

    void Begin(TrainingRow[] rows, float scale, long step)
    {
        // Computed here from the very bytes that are sent: a worker whose copy differs computes nothing that counts.
        var hash = FrameStream.Hash((byte*)_parameters.Memory, Length);
        lock (_lock)
        {
            _attempt++;
            _weights++;
            (_step, _weightsHash, _rows, _scale, _isTainted) = (step, hash, rows, scale, false);
            foreach (var shard in _shards)
            {
                shard.Clear();
            }

            // Whoever was slow may try again.
            _workers.ForEach(worker => worker.IsSlow = false);
        }

        KeepWorkers();
    }

    void End()
    {
        // An answer may be here before the thread that wrote the order has taken note that it was written.
        List<WorkerConnection> writing;
        lock (_lock)
        {
            writing = [.. _workers.Where(worker => worker.IsAlive && worker.IsWriting)];
        }

        writing.ForEach(worker => SpinWait.SpinUntil(() => !worker.IsWriting, _options.MinSlowTime));
        lock (_lock)
        {
            // Whoever still reads the weights would read tomorrow's: it is far behind, and joins again.
            foreach (var worker in _workers.Where(worker => worker.IsWriting).ToList())
            {
                _faults.Enqueue((worker, WorkerFault.Slow, "it was still receiving the weights of an update that was done"));
            }

            foreach (var worker in _workers)
            {
                worker.Shards.Clear();
                worker.Checks.Clear();
            }

            _failuresInARow = 0;
        }

        TakeFaults();
        if (_isTainted)
        {
            throw new TaintedWeightsException("a worker was wrong, and may have been before");
        }
    }

    /// <summary>Waits on faults, deliveries and new workers until a condition holds; gives out work whenever one of them came.</summary>
    void WaitFor(Func<bool> isDone, Action giveOut)
    {
        var alone = _timeProvider.GetTimestamp();
        while (true)
        {
            TakeFaults();
            FindSilent();
            KeepWorkers();
            lock (_lock)
            {
                if (isDone())
                {
                    return;
                }

                FindSlow();
                giveOut();
                if (_workers.Exists(worker => worker.IsAlive))
                {
                    alone = _timeProvider.GetTimestamp();
                }

                if (_faults.Count == 0)
                {
                    Monitor.Wait(_lock, s_tick);
                }
            }

            if (_timeProvider.GetElapsedTime(alone) > _options.JoinTimeout)
            {
                throw new NoosException(
                    ErrorKind.Unavailable,
                    $"No worker has joined at {Address} for {_options.JoinTimeout.TotalSeconds:0} seconds; start some, then give the same "
                    + "command again: it goes on from the last checkpoint.");
            }
        }
    }

    /// <summary>Gives shards that nobody computes to the workers with the least to do. Holds the lock.</summary>
    void CollectMissing()
    {
        var missing = Enumerable.Range(0, _shards.Length)
            .Where(shard => !_shards[shard].IsDone && !_workers.Exists(worker => worker.IsAlive && worker.Shards.Contains(shard)))
            .ToList();
        var able = _workers.Where(worker => worker.IsAlive && !worker.IsSlow).ToList();
        if (able.Count == 0)
        {
            able = _workers.Where(worker => worker.IsAlive).ToList();
        }

        if (missing.Count == 0 || able.Count == 0)
        {
            return;
        }

        // Neighbouring shards to one worker, as many to each as to the others.
        var orders = new Dictionary<WorkerConnection, List<int>>();
        foreach (var shard in missing)
        {
            var worker = able.MinBy(worker => worker.Shards.Count)!;
            worker.Shards.Add(shard);
            (orders.TryGetValue(worker, out var list) ? list : orders[worker] = []).Add(shard);
        }

        foreach (var (worker, shards) in orders)
        {
            Order(worker, shards);
        }
    }

    /// <summary>Sends weights, where they are not there, and an order. Holds the lock.</summary>
    void Order(WorkerConnection worker, List<int> shards)
    {
        worker.Order = (_timeProvider.GetTimestamp(), worker.Shards.Count + worker.Checks.Count);
        var (attempt, hash, length) = (_attempt, _weightsHash, Length);
        if (worker.Weights != _weights)
        {
            worker.Weights = _weights;
            var memory = (nint)_parameters.Memory;
            worker.Send(stream => stream.Write(
                new Frame { Kind = FrameKind.Weights, Attempt = attempt, WeightsHash = hash, PayloadHash = hash }, (byte*)memory, length));
        }

        var order = new ShardOrder(_scale, shards, _rows).ToBytes();
        worker.Send(stream => stream.Write(new Frame { Kind = FrameKind.Order, Attempt = attempt }, order));
    }

    // On the reading thread of a worker.
    void ReceiveGradient(WorkerConnection worker, Frame frame, FrameStream stream)
    {
        byte* target = null;
        lock (_lock)
        {
            // Two may compute the same shard, and one may answer to an order of yesterday: only the first answer to this one is kept.
            if (worker.IsAlive && frame.Attempt == _attempt && worker.Shards.Contains(frame.Shard)
                && _shards[frame.Shard] is { IsDone: false, Receiving: null } shard)
            {
                shard.Receiving = worker;
                target = (byte*)_pointers[frame.Shard];
            }
        }

        var hash = stream.ReadPayload(frame, target, Length);
        lock (_lock)
        {
            if (!worker.IsAlive || frame.Attempt != _attempt)
            {
                return;
            }

            worker.Delivered++;
            if (hash != frame.PayloadHash)
            {
                _faults.Enqueue((worker, WorkerFault.Wrong, $"the gradient of shard {frame.Shard} does not match its checksum"));
            }
            else if (frame.WeightsHash != _weightsHash)
            {
                _faults.Enqueue((worker, WorkerFault.Wrong, "its weights are not those that it was sent"));
            }
            else if (target != null)
            {
                _shards[frame.Shard].Deliver(worker, frame.Loss, hash);
                worker.Shards.Remove(frame.Shard);
                NoteDuration(worker);
            }
            else
            {
                // The other answer came first, or this one is to check it.
                worker.Shards.Remove(frame.Shard);
                if (worker.Checks.Remove(frame.Shard))
                {
                    _shards[frame.Shard].Checked(worker, frame.Loss, hash);
                }
            }

            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>When a worker has done all of an order. Holds the lock.</summary>
    void NoteDuration(WorkerConnection worker)
    {
        if (worker.Shards.Count > 0 || worker.Delivered < WarmUpDeliveries || worker.Order.Count == 0)
        {
            return;
        }

        worker.SlowSteps = 0;
        _durations.Enqueue(_timeProvider.GetElapsedTime(worker.Order.At).TotalSeconds / worker.Order.Count);
        if (_durations.Count > MaxDurations)
        {
            _durations.Dequeue();
        }
    }

    /// <summary>Workers that were not heard of for too long.</summary>
    void FindSilent()
    {
        lock (_lock)
        {
            foreach (var worker in _workers.Where(worker => worker.IsAlive && !worker.IsIdle
                && _timeProvider.GetElapsedTime(worker.Order.At) > _options.OrderTimeout))
            {
                _faults.Enqueue((worker, WorkerFault.Hung, string.Create(
                    CultureInfo.InvariantCulture,
                    $"it has not answered to an order for {_options.OrderTimeout.TotalSeconds:0} seconds")));
            }

            foreach (var worker in _workers.Where(worker => worker.IsAlive && worker.Silence > _options.HangTimeout))
            {
                _faults.Enqueue((worker, WorkerFault.Hung, string.Create(
                    CultureInfo.InvariantCulture, $"it was not heard of for {worker.Silence.TotalSeconds:0.0} seconds")));
            }
        }

        TakeFaults();
    }

    /// <summary>
    /// Takes the shards of workers that need much longer than the others, where another could compute them. Holds the lock.
    /// </summary>
    void FindSlow()
    {
        if (_durations.Count < 4)
        {
            return;
        }

        // Of two workers, one of which is slow, the median may be the slow one's.
        var typical = _durations.Order().ElementAt(_durations.Count / 4);
        foreach (var worker in _workers.Where(worker => worker.IsAlive && worker.Shards.Count + worker.Checks.Count > 0).ToList())
        {
            var limit = Math.Max(_options.MinSlowTime.TotalSeconds, _options.SlowFactor * typical * Math.Max(1, worker.Order.Count));
            if (worker.Delivered < WarmUpDeliveries)
            {
                limit *= WarmUpFactor;
            }

            var elapsed = _timeProvider.GetElapsedTime(worker.Order.At).TotalSeconds;
            if (elapsed < limit || !_workers.Exists(other => other.IsAlive && other.IsIdle && !other.IsSlow))
            {
                continue;
            }

            worker.Shards.Clear();
            worker.Checks.Clear();
            worker.IsSlow = true;
            if (++worker.SlowSteps >= _options.MaxSlowSteps)
            {
                _faults.Enqueue((worker, WorkerFault.Slow, string.Create(
                    CultureInfo.InvariantCulture,
                    $"it needed more than {elapsed:0.0} seconds where others need {typical * Math.Max(1, worker.Order.Count):0.0}, "
                    + $"{worker.SlowSteps} times")));
            }
        }
    }

    /// <summary>Two workers must agree on shards of this update; where they do not, this process finds out who was wrong.</summary>
    void Verify(IObjective objective, TrainingRow[][] samples)
    {
        var shards = ShardsToVerify();
        if (shards.Count == 0)
        {
            return;
        }

        WaitFor(() => !IsComplete || shards.TrueForAll(shard => _shards[shard].IsChecked), () => GiveChecks(shards));
        if (!IsComplete)
        {
            return;
        }

        foreach (var shard in shards.Where(shard => !_shards[shard].Agrees))
        {
            Judge(objective, samples, shard);
        }
    }

    List<int> ShardsToVerify()
    {
        var all = Enumerable.Range(0, _shards.Length);
        if (_options.VerifyEvery == 1
            || (_options.VerifyBeforeCheckpoints && (_step % _plan.CheckpointEvery == 0 || _step == _plan.Steps)))
        {
            return [.. all];
        }

        // One after the other, so that each has its turn.
        return _options.VerifyEvery > 0 && _step % _options.VerifyEvery == 0
            ? [(int)(_step / _options.VerifyEvery % _shards.Length)]
            : [];
    }

    /// <summary>Holds the lock.</summary>
    void GiveChecks(List<int> shards)
    {
        foreach (var shard in shards.Where(shard => !_shards[shard].IsChecked
            && !_workers.Exists(worker => worker.IsAlive && worker.Checks.Contains(shard))))
        {
            var checker = _workers.Where(worker => worker.IsAlive && worker != _shards[shard].Source && !worker.IsSlow)
                .MinBy(worker => worker.Checks.Count);
            if (checker is null)
            {
                // Nobody else is there: this process checks it.
                _shards[shard].NeedsJudge = true;
                continue;
            }

            checker.Checks.Add(shard);
            Order(checker, [shard]);
        }
    }

    void Judge(IObjective objective, TrainingRow[][] samples, int shard)
    {
        _arbiter ??= new ShardComputer(_parameters, 1, objective.RowsPerSample, _products);
        ulong hash = 0;
        double loss = 0;
        _arbiter.Compute(objective, samples, _scale, [shard], _shards.Length, (_, ownLoss, gradient) =>
        {
            loss = ownLoss;
            hash = FrameStream.Hash((byte*)gradient, Length);
            if (hash != _shards[shard].Hash)
            {
                Buffer.MemoryCopy((void*)gradient, (void*)_pointers[shard], Length, Length);
            }
        });
        lock (_lock)
        {
            var state = _shards[shard];
            if (state.Hash != hash || BitConverter.DoubleToInt64Bits(state.Loss) != BitConverter.DoubleToInt64Bits(loss))
            {
                // What it delivered before was not all looked at.
                _isTainted = true;
                Accuse(state.Source);
            }

            if (state.Checker is not null
                && (state.CheckerHash != hash || BitConverter.DoubleToInt64Bits(state.CheckerLoss) != BitConverter.DoubleToInt64Bits(loss)))
            {
                _isTainted = true;
                Accuse(state.Checker);
            }

            state.Settle(loss, hash);
        }

        TakeFaults();

        void Accuse(WorkerConnection? worker)
        {
            if (worker is not null)
            {
                _faults.Enqueue((worker, WorkerFault.Wrong, $"it computed another gradient of shard {shard} than two others did"));
            }
        }
    }

    /// <summary>Gives up workers that failed, on the thread of the caller.</summary>
    void TakeFaults()
    {
        while (true)
        {
            WorkerConnection worker;
            WorkerFault fault;
            string reason;
            lock (_lock)
            {
                if (!_faults.TryDequeue(out var next))
                {
                    return;
                }

                (worker, fault, reason) = next;
                if (!worker.IsAlive)
                {
                    // Closing its connection is noticed by its threads, too.
                    continue;
                }

                worker.IsAlive = false;
                _workers.Remove(worker);
                foreach (var shard in _shards.Where(shard => shard.Receiving == worker && !shard.IsDone))
                {
                    shard.Receiving = null;
                }

                // What was wrong in any way is not used, even if it was this worker's only mistake.
                if (fault == WorkerFault.Wrong)
                {
                    _banned.Add(worker.Name);
                    foreach (var shard in _shards.Where(shard => shard.Source == worker && !shard.IsSettled))
                    {
                        shard.Clear();
                    }
                }
            }

            // Before its connection is closed, or it would join again.
            if (worker.IsLaunched && _options.Launcher is { } launcher)
            {
                launcher.Kill(worker.ProcessId);
                lock (_launched)
                {
                    _launched.Remove(worker.ProcessId);
                }
            }

            worker.Dispose();

            if (fault != WorkerFault.Left && ++_failuresInARow > _options.MaxFailuresInARow)
            {
                throw new NoosException(
                    ErrorKind.Unavailable,
                    $"Workers failed {_failuresInARow} times without an update between them, the last one because {reason}; look at what "
                    + "they print.");
            }

            _report(new WorkerIncident(_step, worker.Name, fault, $"Worker {worker.Name} was given up: {reason}."));
        }
    }

    /// <summary>As many workers of our own as were asked for.</summary>
    void KeepWorkers()
    {
        if (_options.Launcher is not { } launcher)
        {
            return;
        }

        lock (_launched)
        {
            // Those that ended before they joined.
            foreach (var id in _launched.Where(id => !launcher.IsRunning(id)).ToList())
            {
                bool joined;
                lock (_lock)
                {
                    joined = _workers.Exists(worker => worker.ProcessId == id && worker.IsLaunched);
                }

                if (joined)
                {
                    // Its connection says so presently.
                    continue;
                }

                launcher.Kill(id);
                _launched.Remove(id);
                if (++_failuresInARow > _options.MaxFailuresInARow)
                {
                    throw new NoosException(
                        ErrorKind.Unavailable, "Workers end before they have joined; look at what they print.");
                }
            }

            while (_launched.Count < _options.Workers)
            {
                _launched.Add(launcher.Start(Address, _options.KeyFile));
            }
        }
    }

    /// <summary>One shard of the update at hand.</summary>
    sealed class ShardState
    {
        public bool IsDone { get; private set; }

        /// <summary>The worker whose gradient is being received.</summary>
        public WorkerConnection? Receiving { get; set; }

        /// <summary>The worker whose gradient counts.</summary>
        public WorkerConnection? Source { get; private set; }

        public double Loss { get; private set; }

        public ulong Hash { get; private set; }

        /// <summary>The worker that computed it too.</summary>
        public WorkerConnection? Checker { get; private set; }

        public double CheckerLoss { get; private set; }

        public ulong CheckerHash { get; private set; }

        /// <summary>There is no worker to check it.</summary>
        public bool NeedsJudge { get; set; }

        public bool IsChecked => IsSettled || Checker is not null || NeedsJudge;

        public bool Agrees => IsSettled || (Checker is not null && CheckerHash == Hash
            && BitConverter.DoubleToInt64Bits(CheckerLoss) == BitConverter.DoubleToInt64Bits(Loss));

        /// <summary>This process computed it itself.</summary>
        public bool IsSettled { get; private set; }

        public void Deliver(WorkerConnection source, double loss, ulong hash)
        {
            (IsDone, Receiving, Source, Loss, Hash) = (true, null, source, loss, hash);
        }

        public void Checked(WorkerConnection checker, double loss, ulong hash) =>
            (Checker, CheckerLoss, CheckerHash) = (checker, loss, hash);

        public void Settle(double loss, ulong hash) => (IsSettled, Loss, Hash) = (true, loss, hash);

        public void Clear()
        {
            (IsDone, Receiving, Source, Loss, Hash) = (false, null, null, 0, 0);
            (Checker, CheckerLoss, CheckerHash, NeedsJudge, IsSettled) = (null, 0, 0, false, false);
        }
    }
}
