using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Memory;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Cpu;

/// <summary>
/// Several CPUs as one: each turn runs on the model that it names (<see cref="Turn.Model"/>), else on the usual one. A model is opened when
/// it is first asked for, by one of those who ask while the others wait, and kept; where memory is short the one that nobody has used for
/// longest is closed. Each has a scheduler of its own. Where a model cannot answer, is busy, or fails before the first token, the next of
/// <see cref="Turn.Fallbacks"/> does; an answer that has begun never changes its model. An adapter that is loaded beside the usual model is
/// asked for by its name like a model, and shares its weights and scheduler. Thread-safe.
/// </summary>
public sealed class CpuPool : ICpu, IProcessMemory
{
    // Of a long list only so many are named in a sentence.
    const int MaxNames = 10;

    readonly ICpuSource _source;
    readonly CpuPoolOptions _options;
    readonly TimeProvider _timeProvider;
    readonly ILogger _logger;
    readonly Lock _lock = new();

    // By name; the usual one is always there.
    readonly Dictionary<string, Unit> _units = new(StringComparer.OrdinalIgnoreCase);
    readonly Unit _usual;

    // Completed, and replaced, when a model has become idle or has gone: who waits for room looks again.
    TaskCompletionSource _change = NewChange();
    long _uses;
    bool _isDisposed;

    /// <param name="usual">For turns that name no model. Owned from now on.</param>
    /// <param name="source">Opens the others.</param>
    /// <param name="options">What they may take.</param>
    /// <param name="timeProvider">The clock of failures.</param>
    /// <param name="logger">Told what is opened, closed and passed over.</param>
    public CpuPool(
        ICpu usual, ICpuSource source, CpuPoolOptions? options = null, TimeProvider? timeProvider = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(usual);
        ArgumentNullException.ThrowIfNull(source);
        _source = source;
        _options = options ?? new CpuPoolOptions();
        _timeProvider = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
        _usual = new Unit(new CpuOffer(usual.Info.Name), Task.FromResult(usual));
        _units.Add(_usual.Name, _usual);
    }

    /// <summary>Of the usual model.</summary>
    public CpuInfo Info => Usual.Info;

    /// <summary>Of all models on this computer together.</summary>
    public CpuCache? Cache
    {
        get
        {
            CpuCache[] caches = [.. OpenCpus().Select(cpu => cpu.Cache).OfType<CpuCache>()];
            return caches.Length == 0 ? null : new CpuCache(
                caches[0].Type, caches.Sum(cache => cache.MaxBytes), caches.Sum(cache => cache.Bytes), caches.Sum(cache => cache.Tokens),
                caches.Sum(cache => cache.TokensInUse));
        }
    }

    ICpu Usual => _usual.Cpu!;

    public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => Usual.CountTokens(conversation, tools);

    /// <inheritdoc/>
    public CpuInfo Describe(string? model)
    {
        var offer = Resolve(model);
        if (FindAdapter(model) is { Adapter: var adapter })
        {
            return ToInfo(adapter);
        }

        lock (_lock)
        {
            return _units.GetValueOrDefault(offer.Name)?.Info ?? ToInfo(offer);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<CpuListing> List()
    {
        var offers = _source.List();
        lock (_lock)
        {
            var open = _units.Values.Where(unit => unit.Cpu is not null).OrderBy(unit => unit != _usual)
                .Select(unit => (Unit: unit, Offer: offers.FirstOrDefault(offer => Unit.IsSame(offer.Name, unit.Name)) ?? unit.Offer))
                .Select(one => new CpuListing(one.Unit.Info!, IsOpen: true)
                {
                    Bytes = one.Offer.Bytes,
                    IsBase = one.Offer.IsBase,
                    Turns = one.Unit.Turns,
                });
            return
            [
                .. open.Take(1),
                .. Adapters().Where(adapter => !offers.Any(offer => Unit.IsSame(offer.Name, adapter.Name)))
                    .Select(adapter => new CpuListing(ToInfo(adapter), IsOpen: true) { Parent = _usual.Name }),
                .. open.Skip(1),
                .. offers.DistinctBy(offer => offer.Name, StringComparer.OrdinalIgnoreCase)
                    .Where(offer => _units.GetValueOrDefault(offer.Name)?.Cpu is null)
                    .Select(offer => new CpuListing(ToInfo(offer), IsOpen: false)
                    {
                        Bytes = offer.Bytes,
                        IsBase = offer.IsBase,
                    }),
            ];
        }
    }

    /// <summary>Opens the model of the turn if it is not open.</summary>
    /// <inheritdoc/>
    public ContextMap? MapContext(Turn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        turn = WithAdapter(turn);
        using var lease = Lease(turn.Model);
        return lease.Cpu.MapContext(turn);
    }

    public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(turn);
        turn = WithAdapter(turn);
        var offers = OffersFor(turn);
        var hasStarted = false;
        for (var i = 0; ; i++)
        {
            var (offer, isLast) = (offers[i], i == offers.Count - 1);
            var reason = isLast ? null : FindReasonToPass(offer, turn.Priority);
            CpuLease? lease = null;
            if (reason is null)
            {
                try
                {
                    lease = await LeaseAsync(offer, turn.Priority, waits: isLast, cancellationToken);
                }
                catch (Exception e) when (!isLast && MayFailOver(e))
                {
                    reason = Note(offer, e);
                }
            }

            if (lease is not null)
            {
                using var held = lease;
                await using var events = lease.Cpu.RunAsync(turn, cancellationToken).GetAsyncEnumerator(cancellationToken);
                var hasBegun = false;
                while (reason is null)
                {
                    try
                    {
                        if (!await events.MoveNextAsync())
                        {
                            yield break;
                        }
                    }
                    catch (Exception e) when (!isLast && !hasBegun && MayFailOver(e))
                    {
                        reason = Note(offer, e);
                        break;
                    }

                    // Each model tells that it starts; whoever listens wants to hear it once.
                    var isRepeated = hasStarted && events.Current is RunStarted;
                    hasStarted |= events.Current is RunStarted;
                    hasBegun |= events.Current is not RunStarted;
                    if (!isRepeated)
                    {
                        yield return events.Current;
                    }
                }
            }

            var next = offers[i + 1].Name;
            Log.FailedOver(_logger, offer.Name, next);
            yield return new FailedOver(offer.Name, next, reason!);
        }
    }

    /// <inheritdoc/>
    public void SetPriority(long process, ProcessPriority priority)
    {
        foreach (var cpu in OpenCpus())
        {
            cpu.SetPriority(process, priority);
        }
    }

    /// <inheritdoc/>
    IReadOnlyList<ProcessMemory> IProcessMemory.Measure() => [.. Memories().SelectMany(memory => memory.Measure())];

    /// <inheritdoc/>
    async Task<bool> IProcessMemory.SwapOutAsync(long process, Stream stream, CancellationToken cancellationToken)
    {
        foreach (var memory in Memories())
        {
            if (await memory.SwapOutAsync(process, stream, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    async Task IProcessMemory.SwapInAsync(long process, string? model, Stream stream, CancellationToken cancellationToken)
    {
        using var lease = await LeaseAsync(model, cancellationToken);
        if (lease.Cpu.GetService(typeof(IProcessMemory)) is IProcessMemory memory)
        {
            await memory.SwapInAsync(process, model, stream, cancellationToken);
        }
    }

    /// <inheritdoc/>
    void IProcessMemory.Forget(long process)
    {
        foreach (var memory in Memories())
        {
            memory.Forget(process);
        }
    }

    IEnumerable<IProcessMemory> Memories() =>
        OpenCpus().Select(cpu => cpu.GetService(typeof(IProcessMemory))).OfType<IProcessMemory>();

    /// <summary>Of the usual model; for another see <see cref="LeaseAsync(string?, CancellationToken)"/>.</summary>
    public object? GetService(Type serviceType)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceType.IsInstanceOfType(this) ? this : Usual.GetService(serviceType);
    }

    /// <summary>Opens a model, if it is not open, and keeps it until the lease is disposed.</summary>
    /// <param name="model">Its name; null for the usual one.</param>
    /// <param name="cancellationToken">Ends the waiting, not the opening.</param>
    /// <exception cref="NoosException">There is none of this name (NotFound), or it cannot be opened.</exception>
    public Task<CpuLease> LeaseAsync(string? model, CancellationToken cancellationToken = default) =>
        LeaseAsync(Resolve(model), ProcessPriority.Interactive, waits: true, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Unit[] units;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            units = [.. _units.Values];
        }

        foreach (var unit in units)
        {
            await CloseAsync(unit);
        }
    }

    static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was asked wrongly is asked as wrongly of another.</summary>
    static bool MayFailOver(Exception exception) =>
        exception is NoosException failure ? failure.Kind != ErrorKind.Invalid : exception is not OperationCanceledException;

    static async Task CloseAsync(Unit unit)
    {
        try
        {
            await (await unit.Opening).DisposeAsync();
        }
        catch (NoosException)
        {
            // It was never open.
        }
    }

    /// <summary>What is known of a model that is not open.</summary>
    static CpuInfo ToInfo(CpuOffer offer) => new(offer.Name, offer.Can) { IsEncoder = offer.IsEncoder };

    CpuLease Lease(string? model) => LeaseAsync(model).GetAwaiter().GetResult();

    List<CpuOffer> OffersFor(Turn turn)
    {
        var first = Resolve(turn.Model);
        var fallbacks = turn.Fallbacks
            ?? (string.IsNullOrEmpty(turn.Model) || first.Name == _usual.Name ? _options.Fallbacks : []);
        return
        [
            .. fallbacks.Select(Resolve).Prepend(first).DistinctBy(offer => offer.Name, StringComparer.OrdinalIgnoreCase),
        ];
    }

    CpuOffer Resolve(string? model)
    {
        if (string.IsNullOrEmpty(model))
        {
            return _options.Usual?.Invoke() is { } name && !Unit.IsSame(name, _usual.Name) && Find(name) is { } other
                ? other
                : _usual.Offer;
        }

        return Find(model) ?? (FindAdapter(model) is null ? throw Unknown(model) : _usual.Offer);
    }

    CpuOffer? Find(string model)
    {
        lock (_lock)
        {
            if (_units.TryGetValue(model, out var known))
            {
                return known.Offer;
            }
        }

        return _source.Find(model);
    }

    IEnumerable<CpuAdapter> Adapters() =>
        (_usual.Cpu?.Info.Adapters ?? []).DistinctBy(adapter => adapter.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The adapter of a name, and its number; null where there is none, or a model has the name.</summary>
    (int Id, CpuAdapter Adapter)? FindAdapter(string? name)
    {
        if (string.IsNullOrEmpty(name) || _usual.Cpu?.Info.Adapters is not { Count: > 0 } adapters)
        {
            return null;
        }

        for (var id = 0; id < adapters.Count; id++)
        {
            if (Unit.IsSame(adapters[id].Name, name))
            {
                return Unit.IsSame(name, _usual.Name) || _source.Find(name) is not null ? null : (id, adapters[id]);
            }
        }

        return null;
    }

    /// <summary>A turn that names an adapter runs on the usual model with that one alone, unless it chooses adapters itself.</summary>
    Turn WithAdapter(Turn turn) => FindAdapter(turn.Model) is { Id: var id, Adapter: var adapter }
        ? turn with
        {
            // By name: without one the turn would go to a champion, if there is one.
            Model = _usual.Name,
            Options = turn.Options.AdapterScales is not null
                ? turn.Options
                : turn.Options with { AdapterScales = new Dictionary<int, float> { [id] = adapter.NamedScale } },
        }
        : turn;

    CpuInfo ToInfo(CpuAdapter adapter) => Usual.Info with { Name = adapter.Name, Title = null };

    NoosException Unknown(string model)
    {
        string[] names = [.. List().Select(listing => listing.Info.Name)];
        var more = names.Length > MaxNames ? ", ..." : "";
        return new NoosException(
            ErrorKind.NotFound, $"There is no model '{model}' here; there are: {string.Join(", ", names.Take(MaxNames))}{more}.")
        {
            Parameter = "model",
            Code = NoosException.ModelNotFound,
        };
    }

    /// <summary>Why a turn that may go elsewhere should; null where it need not.</summary>
    string? FindReasonToPass(CpuOffer offer, ProcessPriority priority)
    {
        lock (_lock)
        {
            if (!_units.TryGetValue(offer.Name, out var unit))
            {
                return null;
            }

            return unit.Failure is { } failure && _timeProvider.GetElapsedTime(unit.FailedAt) < _options.Cooldown ? failure
                : unit.TurnsBefore(priority) is var turns && turns >= _options.MaxTurns
                    ? $"{offer.Name} is busy with {(turns == 1 ? "an answer" : $"{turns} answers")}."
                    : null;
        }
    }

    /// <summary>Remembers a failure.</summary>
    /// <returns>It, for people.</returns>
    string Note(CpuOffer offer, Exception failure)
    {
        var isBusy = failure is NoosException { Kind: ErrorKind.Busy };
        var reason = failure is NoosException ? failure.Message : $"{offer.Name} failed: {failure.Message}";
        lock (_lock)
        {
            if (!isBusy && _units.TryGetValue(offer.Name, out var unit))
            {
                (unit.Failure, unit.FailedAt) = (reason, _timeProvider.GetTimestamp());
            }
        }

        return reason;
    }

    ICpu[] OpenCpus()
    {
        lock (_lock)
        {
            return [.. _units.Values.OrderBy(unit => unit != _usual).Select(unit => unit.Cpu).OfType<ICpu>()];
        }
    }

    /// <param name="offer">Which.</param>
    /// <param name="priority">Of the turn that it is for.</param>
    /// <param name="waits">Where others are at work and leave no room, it waits for them; else it fails (Busy).</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    async Task<CpuLease> LeaseAsync(CpuOffer offer, ProcessPriority priority, bool waits, CancellationToken cancellationToken)
    {
        Unit unit;
        while (true)
        {
            Task change;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (_units.TryGetValue(offer.Name, out var known) || (known = TryAdd(offer)) is not null)
                {
                    unit = known;
                    unit.Enter(priority);
                    unit.LastUse = ++_uses;
                    break;
                }

                change = _change.Task;
            }

            if (!waits)
            {
                throw new NoosException(
                    ErrorKind.Busy, $"There is no memory for {offer.Name} while other models are at work; try again when they are done.");
            }

            await change.WaitAsync(cancellationToken);
        }

        try
        {
            return new CpuLease(await unit.Opening.WaitAsync(cancellationToken), () => Leave(unit, priority));
        }
        catch (Exception e)
        {
            lock (_lock)
            {
                // Next time it is tried again.
                if (e is not OperationCanceledException && unit.Opening.IsFaulted && _units.GetValueOrDefault(unit.Name) == unit)
                {
                    _units.Remove(unit.Name);
                }
            }

            Leave(unit, priority);
            throw;
        }
    }

    /// <summary>Begins to open a model; null where those at work leave it no room. Holds the lock.</summary>
    /// <exception cref="NoosException">It is too large by itself (OutOfMemory).</exception>
    Unit? TryAdd(CpuOffer offer)
    {
        if (_options.MaxBytes is { } max && offer.Bytes > max)
        {
            throw new NoosException(
                ErrorKind.OutOfMemory,
                $"{offer.Name} takes {Mebibytes(offer.Bytes)} MiB, but models beside {_usual.Name} may take {Mebibytes(max)} MiB together; "
                + "allow more (--model-memory), or start with it.");
        }

        var closed = new List<Unit>();
        var idle = new Queue<Unit>(
            _units.Values.Where(unit => unit != _usual && unit.Turns == 0 && unit.Offer.Bytes > 0).OrderBy(unit => unit.LastUse));
        var held = _units.Values.Where(unit => unit != _usual).Sum(unit => unit.Offer.Bytes);
        while (held + offer.Bytes > (_options.MaxBytes ?? long.MaxValue) && idle.TryDequeue(out var oldest))
        {
            held -= oldest.Offer.Bytes;
            closed.Add(oldest);
        }

        if (held + offer.Bytes > (_options.MaxBytes ?? long.MaxValue))
        {
            return null;
        }

        closed.ForEach(unit => _units.Remove(unit.Name));
        return _units[offer.Name] = new Unit(offer, Task.Run(() => OpenAsync(offer, closed)));
    }

    /// <summary>First what makes room, then what takes it.</summary>
    async Task<ICpu> OpenAsync(CpuOffer offer, List<Unit> closed)
    {
        foreach (var unit in closed)
        {
            Log.ModelClosed(_logger, unit.Name, offer.Name);
            await CloseAsync(unit);
        }

        var cpu = _source.Open(offer);
        Log.ModelOpened(_logger, offer.Name);
        return cpu;
    }

    void Leave(Unit unit, ProcessPriority priority)
    {
        TaskCompletionSource change;
        lock (_lock)
        {
            unit.Leave(priority);
            if (unit.Turns > 0)
            {
                return;
            }

            (change, _change) = (_change, NewChange());
        }

        change.SetResult();
    }

    static long Mebibytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;

    /// <summary>A model that is open or being opened. Guarded by the lock of the pool.</summary>
    sealed class Unit(CpuOffer offer, Task<ICpu> opening)
    {
        readonly int[] _turns = new int[(int)ProcessPriority.Background + 1];

        public CpuOffer Offer => offer;

        public string Name => offer.Name;

        public Task<ICpu> Opening => opening;

        /// <summary>Null until it is open.</summary>
        public ICpu? Cpu => opening.IsCompletedSuccessfully ? opening.Result : null;

        /// <summary>Under the name by which it is asked for; null until it is open.</summary>
        public CpuInfo? Info => Cpu is { } cpu ? cpu.Info with { Name = offer.Name } : null;

        /// <summary>At work and waiting.</summary>
        public int Turns { get; private set; }

        /// <summary>Grows with every use of any.</summary>
        public long LastUse { get; set; }

        /// <summary>Why it could not answer the last time; null where it never failed.</summary>
        public string? Failure { get; set; }

        public long FailedAt { get; set; }

        /// <summary>Turns for which one of a class has to wait: a crowd of background work keeps no person waiting.</summary>
        public int TurnsBefore(ProcessPriority priority) => _turns.Take((int)priority + 1).Sum();

        public void Enter(ProcessPriority priority)
        {
            Turns++;
            _turns[(int)priority]++;
        }

        public void Leave(ProcessPriority priority)
        {
            Turns--;
            _turns[(int)priority]--;
        }

        public static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
    }
}
