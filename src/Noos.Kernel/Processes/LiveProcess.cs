using System.Security.Cryptography;
using System.Threading.Channels;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Agents;
using Noos.Kernel.Journaling;
using Noos.Kernel.Tracing;

namespace Noos.Kernel.Processes;

/// <summary>
/// A process in memory: runs its answers, writes what happens into the journal before anybody hears of it, and tells those who follow.
/// Thread-safe.
/// </summary>
sealed class LiveProcess(ProcessRecord record, ProcessHistory history, long last, LiveProcess? parent, ProcessTable table)
    : IStepRecorder, IDisposable
{
    // Orders the events of the process: what is appended first is applied and told first.
    readonly SemaphoreSlim _turnstile = new(1, 1);
    readonly Lock _lock = new();
    readonly List<Channel<JournalEntry>> _followers = [];
    readonly Channel<TraceEvent> _deltas = Channel.CreateUnbounded<TraceEvent>(new UnboundedChannelOptions { SingleReader = true });
    CancellationTokenSource _stop = new();
    Task _work = Task.CompletedTask;
    Task _deltaWork = Task.CompletedTask;
    ProcessUsage _treeUsage = record.Usage;
    int _children;
    bool _isWorking;
    long _last = last;

    public ProcessRecord Record { get; private set; } = record;

    public LiveProcess? Parent => parent;

    /// <summary>Children alive, theirs included.</summary>
    public int Children => Volatile.Read(ref _children);

    /// <summary>The run or call under way, and what comes after it.</summary>
    public Task Work => _work;

    public bool IsEnded => Record.State is ProcessState.Done or ProcessState.Failed or ProcessState.Killed;

    /// <summary>Goes on where the journal ends.</summary>
    public async Task RecoverAsync(IReadOnlyDictionary<string, ITool> tools)
    {
        if (history.CallInFlight is { } call && !(tools.TryGetValue(call.Name, out var tool) && tool.IsRepeatable))
        {
            var result = new ToolResultPart(
                call.Name, $"{call.Name} was interrupted when the system stopped; whether it happened is not known.", IsError: true,
                    call.CallId);
            await AppendAsync(CancellationToken.None, new CallEnded(Message.Tool(result), new ProcessUsage()));
        }

        if (history.IsAnswerDue)
        {
            Start();
        }
    }

    /// <summary>Gives the process a message; an answer follows, or, if one is under way, the message waits for its end.</summary>
    public async Task SayAsync(Message message, CancellationToken cancellationToken)
    {
        await _turnstile.WaitAsync(cancellationToken);
        try
        {
            ThrowIfEnded();
            await WriteAsync(CancellationToken.None, new Said(message, history.IsAnswerDue));
        }
        finally
        {
            _turnstile.Release();
        }

        Start();
    }

    public async Task EndAsync(ProcessState state, string? reason)
    {
        await _stop.CancelAsync();
        await _work;
        if (!IsEnded)
        {
            await AppendAsync(CancellationToken.None, new StateChanged(state, reason));
        }
    }

    public Task NiceAsync(ProcessPriority priority, CancellationToken cancellationToken) =>
        AppendAsync(cancellationToken, new Niced(priority));

    public Task RenameAsync(string title, CancellationToken cancellationToken) => AppendAsync(cancellationToken, new Renamed(title));

    /// <summary>Stops the answer under way without an end of its own: after a restart it goes on.</summary>
    public async Task SuspendAsync()
    {
        await _stop.CancelAsync();
        await _work;
    }

    /// <summary>What is written from now on; also the id of the last event before.</summary>
    public (ChannelReader<JournalEntry> Entries, long Last, IDisposable Subscription) Follow()
    {
        var channel = Channel.CreateUnbounded<JournalEntry>();
        lock (_lock)
        {
            _followers.Add(channel);
            if (IsEnded)
            {
                channel.Writer.TryComplete();
            }

            return (channel.Reader, _last, new Subscription(this, channel));
        }
    }

    public void AddChild(int count)
    {
        for (var process = this; process is not null; process = process.Parent)
        {
            Interlocked.Add(ref process._children, count);
        }
    }

    /// <inheritdoc/>
    public async ValueTask BeforeAsync(AgentStep step, CancellationToken cancellationToken)
    {
        ThrowIfSpent();
        if (step.Call is { } call)
        {
            await AppendAsync(cancellationToken, new CallBegan(call), new StateChanged(ProcessState.WaitingForCall));
        }
        else
        {
            await AppendAsync(cancellationToken, new RunBegan(step.State.Turn.Options.Seed), new StateChanged(ProcessState.Running));
            _deltaWork = WriteDeltasAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask AfterAsync(AgentStep step, AgentStepOutcome outcome, CancellationToken cancellationToken)
    {
        if (outcome.Tool is { } tool)
        {
            var spent = new ProcessUsage(Calls: 1, Milliseconds: (long)tool.Elapsed.TotalMilliseconds);
            await AppendAsync(cancellationToken, new CallEnded(Message.Tool(tool.Result.ToPart(tool.Call)), spent));
            return;
        }

        var run = outcome.Run!;
        await EndDeltasAsync();
        var messages = outcome.State.Turn.Conversation.Messages;
        var isNew = messages.Count > step.State.Turn.Conversation.Messages.Count;
        await AppendAsync(cancellationToken, new RunEnded(
            isNew ? messages[^1] : Message.Assistant(Array.Empty<Part>()), outcome.State.FinishReason, run.Seed, run.TokenIds,
            new ProcessUsage(run.Usage.PromptTokens, run.Usage.GeneratedTokens, 0, 0)));
    }

    void Start()
    {
        lock (_lock)
        {
            if (_isWorking || IsEnded)
            {
                return;
            }

            _isWorking = true;

            if (_stop.IsCancellationRequested)
            {
                _stop.Dispose();
                _stop = new CancellationTokenSource();
            }

            _work = Task.Run(() => WorkAsync(_stop.Token), CancellationToken.None);
        }
    }

    async Task WorkAsync(CancellationToken cancellationToken)
    {
        do
        {
            await AnswerAsync(cancellationToken);
        }
        while (GoesOn());

        // A message may have come after the last look, whose sender saw that somebody works.
        bool GoesOn()
        {
            lock (_lock)
            {
                return _isWorking = history.IsAnswerDue && !cancellationToken.IsCancellationRequested && !IsEnded;
            }
        }
    }

    async Task AnswerAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (history.IsAnswerDue)
            {
                var state = history.ToState(Record, table.DeclarationsOf(Record));
                if (state.Turn.Options.Seed is null)
                {
                    // Drawn here and not by the CPU, so that a run that is cut short can be made again.
                    state = state with { Turn = state.Turn with { Options = state.Turn.Options with { Seed = RandomSeed() } } };
                }

                await foreach (var item in table.LoopFor(Record, this).RunAsync(state, cancellationToken))
                {
                    if (item is TextEvent or ThoughtEvent)
                    {
                        _deltas.Writer.TryWrite(item);
                    }
                }

                await AppendAsync(cancellationToken, history.IsAnswerDue
                    ? new StateChanged(ProcessState.Ready)
                    : new StateChanged(Record.Kind == ProcessKind.Conversation ? ProcessState.WaitingForPerson : ProcessState.Done));
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever cancelled says what it comes to.
        }
#pragma warning disable CA1031 // A process that fails says so; the others go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await FailAsync(e);
        }
        finally
        {
            await EndDeltasAsync();
        }
    }

    async Task FailAsync(Exception error)
    {
        try
        {
            // A conversation outlives an answer that failed: its person may ask again.
            await AppendAsync(CancellationToken.None, new AnswerFailed(error.Message), new StateChanged(
                Record.Kind == ProcessKind.Conversation ? ProcessState.WaitingForPerson : ProcessState.Failed, error.Message));
        }
        catch (NoosException)
        {
            // The journal itself has failed, and has said so in the log; after a restart the answer is still due.
            await _stop.CancelAsync();
        }
    }

    async Task WriteDeltasAsync()
    {
        while (await _deltas.Reader.WaitToReadAsync())
        {
            var events = new List<JournalEvent>();
            while (_deltas.Reader.TryRead(out var item))
            {
                if (item is EndOfDeltas)
                {
                    await WriteAllAsync(events);
                    return;
                }

                var (text, isThought) = item is ThoughtEvent thought ? (thought.Text, true) : (((TextEvent)item).Text, false);
                // What came while the last batch was written becomes one event.
                if (events is [.., Wrote last] && last.IsThought == isThought)
                {
                    events[^1] = last with { Text = last.Text + text, TokenIds = [.. last.TokenIds, .. item.TokenIds ?? []] };
                }
                else
                {
                    events.Add(new Wrote(text, isThought, item.TokenIds ?? []));
                }
            }

            await WriteAllAsync(events);
        }

        Task WriteAllAsync(List<JournalEvent> events) =>
            events.Count == 0 ? Task.CompletedTask : AppendAsync(CancellationToken.None, [.. events]);
    }

    async Task EndDeltasAsync()
    {
        if (!_deltaWork.IsCompleted)
        {
            _deltas.Writer.TryWrite(new EndOfDeltas());
        }

        await _deltaWork;
        _deltaWork = Task.CompletedTask;
    }

    async Task AppendAsync(CancellationToken cancellationToken, params JournalEvent[] events)
    {
        await _turnstile.WaitAsync(cancellationToken);
        try
        {
            await WriteAsync(cancellationToken, events);
        }
        finally
        {
            _turnstile.Release();
        }
    }

    async Task WriteAsync(CancellationToken cancellationToken, params JournalEvent[] events)
    {
        var written = await table.Journal.AppendAsync(Record.Id, events, cancellationToken);
        lock (_lock)
        {
            // One append has consecutive ids.
            var now = table.Now;
            for (var i = 0; i < events.Length; i++)
            {
                Apply(events[i], now);
                _last = written - events.Length + 1 + i;
                var entry = new JournalEntry(_last, Record.Id, now, events[i]);
                _followers.ForEach(follower => follower.Writer.TryWrite(entry));
            }

            if (IsEnded)
            {
                _followers.ForEach(follower => follower.Writer.TryComplete());
            }
        }
    }

    void Apply(JournalEvent happened, DateTimeOffset now)
    {
        history.Apply(happened);
        var wasEnded = IsEnded;
        var usage = happened is RunEnded run ? run.Usage : happened is CallEnded call ? call.Usage : null;
        Record = Record with
        {
            Changed = now,
            State = happened is StateChanged changed ? changed.State : Record.State,
            Title = happened is Renamed renamed ? renamed.Title : Record.Title,
            Priority = happened is Niced niced ? niced.Priority : Record.Priority,
            Usage = usage is null ? Record.Usage : Record.Usage + usage,
        };
        for (var process = usage is null ? null : this; process is not null; process = process.Parent)
        {
            process.Spend(usage!);
        }

        if (IsEnded && !wasEnded)
        {
            parent?.AddChild(-1);
        }
    }

    void Spend(ProcessUsage usage)
    {
        for (var before = Volatile.Read(ref _treeUsage); ; before = Volatile.Read(ref _treeUsage))
        {
            if (ReferenceEquals(Interlocked.CompareExchange(ref _treeUsage, before + usage, before), before))
            {
                return;
            }
        }
    }

    void ThrowIfSpent()
    {
        for (var process = this; process is not null; process = process.Parent)
        {
            var (limits, spent) = (process.Record.Program.Limits, Volatile.Read(ref process._treeUsage));
            if (spent.TokensIn + spent.TokensOut >= limits.Tokens || spent.Calls >= limits.Calls)
            {
                throw new NoosException(ErrorKind.Refused,
                    $"Process {process.Record.Id} and its children have spent what they may ({spent.TokensIn + spent.TokensOut:N0} tokens, "
                    + $"{spent.Calls:N0} calls); start another with wider limits.");
            }
        }
    }

    void ThrowIfEnded()
    {
        if (IsEnded)
        {
            throw new NoosException(ErrorKind.Invalid, $"Process {Record.Id} has ended; start another, or fork it.");
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _turnstile.Dispose();
    }

    static ulong RandomSeed() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    sealed record EndOfDeltas : TraceEvent;

    sealed class Subscription(LiveProcess process, Channel<JournalEntry> channel) : IDisposable
    {
        public void Dispose()
        {
            lock (process._lock)
            {
                process._followers.Remove(channel);
            }
        }
    }
}
