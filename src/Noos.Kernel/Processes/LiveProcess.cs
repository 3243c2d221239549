using System.Globalization;
using System.Security.Cryptography;
using System.Threading.Channels;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Memory;
using Noos.Kernel.Tracing;

namespace Noos.Kernel.Processes;

/// <summary>
/// A process in memory: runs its answers, writes what happens into the journal before anybody hears of it, and tells those who follow. Its
/// history is read when it is first needed. Thread-safe; what runs is a task of its own, which never fails: a journal that cannot be
/// written leaves the answer due, and the next message or start goes on with it.
/// </summary>
sealed class LiveProcess(ProcessRecord record, ProcessFamily family, LiveProcess? parent, ProcessTable table)
    : IStepRecorder, IApprover, IDisposable
{
    // Orders the events of the process: what is appended first is applied and told first. Whoever loads the history holds it.
    readonly SemaphoreSlim _turnstile = new(1, 1);

    // Guards what is applied: record, history, followers, and whether somebody works.
    readonly Lock _lock = new();
    readonly List<Channel<JournalEntry>> _followers = [];
    readonly List<int> _tokenIds = [];
    CancellationTokenSource _stop = new();
    CancellationTokenSource? _answer;
    Task _answerWork = Task.CompletedTask;
    Task _work = Task.CompletedTask;
    DeltaWriter? _deltas;
    ProcessHistory? _history;

    // The last time that it could not be written: what fails with this has not failed by itself.
    Exception? _journalError;
    Provenance? _provenance;
    ProcessRecord _record = record;
    ProcessUsage _treeUsage = record.Usage + family.Usage;
    // Tokens of the run under way that count against limits, and those of all runs of the tree.
    long _running;
    long _treeRunning;
    long _runStarted;
    long? _waited;
    long _lastTokens;
    int _children = family.Alive;
    bool _isWorking;
    bool _isClosed;

    /// <summary>As it is now, with what the run under way has generated so far.</summary>
    public ProcessRecord Record
    {
        get
        {
            lock (_lock)
            {
                return _tokenIds.Count == 0
                    ? _record
                    : _record with { Usage = _record.Usage + new ProcessUsage(0, _tokenIds.Count, 0, ElapsedMs()) };
            }
        }
    }

    /// <summary>What the run under way has written; null where none is.</summary>
    public Message? Partial
    {
        get
        {
            lock (_lock)
            {
                return _history?.Partial is { Parts.Count: > 0 } partial ? partial : null;
            }
        }
    }

    public LiveProcess? Parent => parent;

    /// <summary>The first of its ancestors, or itself.</summary>
    public LiveProcess Root => parent?.Root ?? this;

    /// <summary>What it has read up to now. Stays when the history is forgotten.</summary>
    public Provenance Provenance
    {
        get
        {
            lock (_lock)
            {
                if (_provenance is { } known)
                {
                    return known;
                }
            }

            var read = table.ReadHistory(_record.Id).Provenance;
            lock (_lock)
            {
                // Whoever has loaded the history meanwhile keeps it up to date.
                return _provenance ??= read;
            }
        }
    }

    /// <summary>Children alive, theirs included.</summary>
    public int Children => Volatile.Read(ref _children);

    /// <summary>The run or call under way, and what comes after it. Never fails.</summary>
    public Task Work
    {
        get
        {
            lock (_lock)
            {
                return _work;
            }
        }
    }

    public bool IsEnded => _record.IsEnded;

    /// <summary>Its task runs.</summary>
    public bool IsWorking
    {
        get
        {
            lock (_lock)
            {
                return _isWorking;
            }
        }
    }

    /// <summary>Goes on where the journal ends.</summary>
    public async Task RecoverAsync()
    {
        if (_record.Kind == ProcessKind.Timer)
        {
            return;
        }

        await AppendAsync(
            // Where nothing is due the system stopped between an answer and its next state.
            history => history.IsAnswerDue || IsEnded
                ? Interrupted(history) ?? CutShort(history)
                : [new StateChanged(NextState(history))],
            CancellationToken.None);
        Start();
    }

    /// <summary>Gives the process a message; an answer follows, or, if one is under way, the message waits for its end.</summary>
    /// <returns>The id of its event.</returns>
    public async Task<(long Event, bool IsQueued)> SayAsync(
        Message message, GenerationOptions? options, CancellationToken cancellationToken)
    {
        var isQueued = false;
        var last = await AppendAsync(
            history =>
            {
                ThrowIfEnded();
                ThrowIfTimer();
                isQueued = history.IsAnswerDue;
                var isFirst = history.Messages.Count == 0 && _record is { Kind: ProcessKind.Conversation, Parent: null };
                var said = new Said(isFirst && !isQueued ? table.Open(_record, message) : message, isQueued, options);

                // In one append: a process that has something to do is found again after a kill.
                return isQueued ? [.. CutShort(history), said] : [said, new StateChanged(ProcessState.Ready)];
            },
            cancellationToken);
        Start();
        return (isQueued ? last : last - 1, isQueued);
    }

    /// <summary>Goes on with the last answer; nothing happens where one is due already.</summary>
    /// <exception cref="NoosException">The process has ended, or its last answer ends with no text (Invalid).</exception>
    public async Task ContinueAsync(CancellationToken cancellationToken)
    {
        await AppendAsync(
            history =>
            {
                ThrowIfEnded();
                ThrowIfTimer();
                return history.IsAnswerDue ? []
                    : history.CanContinue ? [new Continued(), new StateChanged(ProcessState.Ready)]
                    : throw new NoosException($"Process {_record.Id} has no text to go on with; ask something.");
            },
            cancellationToken);
        Start();
    }

    /// <summary>Says something else in the place of a message that waits, or nothing.</summary>
    /// <exception cref="NoosException">It does not wait any more (Invalid).</exception>
    public Task ChangeQueuedAsync(long queued, Message? message, CancellationToken cancellationToken) => AppendAsync(
        history => queued > 0 && history.QueueEvents.Contains(queued)
            ? [new QueueChanged(queued, message)]
            : throw new NoosException($"Process {_record.Id} has no message {queued} that waits; it may be asked already.")
            {
                Parameter = "event",
            },
        cancellationToken);

    /// <summary>Notes something, unless the process has ended.</summary>
    public Task NoteAsync(IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken) =>
        AppendAsync(_ => IsEnded ? [] : events, cancellationToken);

    /// <summary>Begins another process and notes here that it did: both or neither.</summary>
    /// <param name="other">The other.</param>
    /// <param name="events">With which it begins.</param>
    /// <param name="note">What is noted, from its id.</param>
    /// <param name="cancellationToken">Before it is begun.</param>
    /// <returns>The other; null where this one has ended.</returns>
    public async Task<ProcessRecord?> BeginAsync(
        ProcessRecord other, IReadOnlyList<JournalEvent> events, Func<long, IReadOnlyList<JournalEvent>> note,
        CancellationToken cancellationToken)
    {
        await _turnstile.WaitAsync(cancellationToken);
        try
        {
            if (IsEnded)
            {
                return null;
            }

            var begun = await table.Journal.AddProcessAsync(other, events, _record.Id, note, cancellationToken);
            // Whoever holds the turnstile appends alone, so the last event is of this note.
            var last = table.Journal.Reader.LastEvent(_record.Id);
            lock (_lock)
            {
                Tell(note(begun.Id), last);
            }

            return begun;
        }
        finally
        {
            _turnstile.Release();
        }
    }

    /// <summary>Answers the question that the process waits with; the call then runs, or is refused.</summary>
    /// <exception cref="NoosException">It waits for no answer, or to another question (Invalid).</exception>
    public async Task DecideAsync(Approval approval, string? callId, CancellationToken cancellationToken)
    {
        await AppendAsync(
            history =>
            {
                ThrowIfEnded();
                if (!history.IsWaitingForApproval || history.Asked is not { } asked || (callId is not null && asked.Call.CallId != callId))
                {
                    throw new NoosException(ErrorKind.Invalid,
                        $"Process {_record.Id} does not wait for {(callId is null ? "a permission" : $"the permission of call {callId}")}; "
                        + "'noos permissions' lists what waits.");
                }

                IReadOnlyList<PermissionRule>? remembered = approval.Scope == ApprovalScope.Once ? null :
                [
                    .. (asked.Effects ?? []).Select(effect => PermissionRule.From(effect, approval, _record.Owner, Root._record.Id) with
                    {
                        DecidedIn = _record.Id,
                        Created = table.TimeProvider.GetUtcNow(),
                    }),
                ];
                return
                [
                    new ApprovalDecided(asked.Call.CallId, approval.IsGranted, approval.Scope, approval.Reason, remembered),
                    new StateChanged(ProcessState.Ready),
                ];
            },
            cancellationToken);
        table.LoadPermissions();
        Start();
    }

    /// <summary>Ends a permission that was decided here.</summary>
    public Task RevokeAsync(long permission, CancellationToken cancellationToken) =>
        AppendAsync(cancellationToken, new PermissionRevoked(permission));

    /// <summary>The question is in the journal, and the answer too if there is one; else the process stops here until there is.</summary>
    async ValueTask<Approval?> IApprover.AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        Approval? answer = null;
        await AppendAsync(
            history =>
            {
                // After a restart the same call asks again; it may ask for less than before, never for more.
                if (history.Asked is { } asked && asked.Call == request.Call && request.Effects.All((asked.Effects ?? []).Contains))
                {
                    answer = history.Decided is not { } decided ? null
                        : new Approval(decided.IsGranted, decided.Scope, decided.Reason) { IsRecorded = true };
                    return [];
                }

                return
                [
                    new ApprovalAsked(request.Call, request.Sentence, request.Effects),
                    new StateChanged(ProcessState.WaitingForPerson, request.Sentence),
                ];
            },
            cancellationToken);
        return answer;
    }

    /// <summary>Stops the answer under way; what it has written stays. What waits is answered then.</summary>
    public async Task StopAsync()
    {
        while (true)
        {
            var (answer, work, isWorking) = Current();
            if (answer is not null)
            {
                await CancelAsync(answer);
                await work;
                return;
            }

            if (!isWorking)
            {
                // Perhaps due, but not under way: the journal could not be written, or nothing runs here.
                await AppendAsync(
                    history => Current().IsWorking ? [] : StoppedEvents(WithOpenRun(history)), CancellationToken.None);
                Start();
                return;
            }

            // Between two answers.
            await Task.Yield();
        }

        (CancellationTokenSource? Answer, Task Work, bool IsWorking) Current()
        {
            lock (_lock)
            {
                return (_answer, _answerWork, _isWorking);
            }
        }
    }

    /// <summary>Ends the process, whatever it does.</summary>
    public async Task EndAsync(ProcessState state, string? reason)
    {
        await CloseAsync();
        try
        {
            await AppendAsync(
                history => IsEnded ? []
                    : history.IsAnswerDue ? [Stopped(WithOpenRun(history)), new StateChanged(state, reason)]
                    : [new StateChanged(state, reason)],
                CancellationToken.None);
        }
        finally
        {
            lock (_lock)
            {
                _isClosed = false;
            }
        }
    }

    public Task NiceAsync(ProcessPriority priority, CancellationToken cancellationToken) =>
        AppendAsync(cancellationToken, new Niced(priority));

    public Task MarkAsync(int page, PageMark mark, CancellationToken cancellationToken) =>
        AppendAsync(cancellationToken, new PageMarked(page, mark));

    public Task ChooseModelAsync(string? model, CancellationToken cancellationToken) =>
        AppendAsync(cancellationToken, new ModelChosen(model));

    public Task GiveFeedbackAsync(FeedbackGiven feedback, CancellationToken cancellationToken) =>
        AppendAsync(cancellationToken, feedback);

    /// <summary>Says something in the place of a message of this branch: a new branch begins before that.</summary>
    /// <param name="index">The number of the message, a user's, from 0 on.</param>
    /// <param name="message">What is said; null for the same again.</param>
    /// <param name="cancellationToken">Before it is said.</param>
    /// <returns>The id of the event that says it.</returns>
    public async Task<long> ReviseAsync(int index, Message? message, CancellationToken cancellationToken)
    {
        var last = await BranchAsync(
            history =>
            {
                if (index < 0 || index >= history.Messages.Count || history.Messages[index].Role != Role.User)
                {
                    throw new NoosException($"Message {index} of process {_record.Id} is no question; ask with the number of one.");
                }

                var part = history.Messages.Take(index).Sum(before => before.Parts.Count);
                var questions = history.Messages.Take(index).Count(before => before.Role == Role.User);
                var said = message is null ? history.Messages[index]
                    : index == 0 && _record is { Kind: ProcessKind.Conversation, Parent: null } ? table.Open(_record, message)
                    : message;
                return
                [
                    new Branched(history.PartEvents[part], index, questions), new Said(said), new StateChanged(ProcessState.Ready),
                ];
            },
            cancellationToken);
        return last - 1;
    }

    /// <summary>Goes back to the branch on which an event happened, as it was then.</summary>
    public Task SwitchAsync(long at, CancellationToken cancellationToken)
    {
        var state = NextState(table.Journal.Reader.History(_record.Id, at));
        return BranchAsync(_ => [new Branched(at), new StateChanged(state)], cancellationToken);
    }

    async Task<long> BranchAsync(
        Func<ProcessHistory, IReadOnlyList<JournalEvent>> build, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The answer under way is of the branch that is left; what waits behind it, too.
            await StopAsync();
            var last = await AppendAsync(
                history =>
                {
                    ThrowIfEnded();
                    ThrowIfTimer();
                    return IsWorking ? [] : build(history);
                },
                cancellationToken);
            if (last > 0)
            {
                Start();
                return last;
            }
        }
    }

    public Task RenameAsync(string title, CancellationToken cancellationToken) => AppendAsync(cancellationToken, new Renamed(title));

    /// <summary>Stops the answer under way without an end of its own, and lets nothing begin: after a restart it goes on.</summary>
    public async Task CloseAsync()
    {
        CancellationTokenSource stop;
        Task work;
        lock (_lock)
        {
            _isClosed = true;
            (stop, work) = (_stop, _work);
        }

        await CancelAsync(stop);
        await work;
    }

    /// <summary>What is written from now on. What was written before is on the disk; a few events may be in both.</summary>
    public (ChannelReader<JournalEntry> Entries, IDisposable Subscription) Follow()
    {
        var channel = Channel.CreateUnbounded<JournalEntry>();
        lock (_lock)
        {
            _followers.Add(channel);
            if (IsEnded)
            {
                channel.Writer.TryComplete();
            }

            return (channel.Reader, new Subscription(this, channel));
        }
    }

    /// <summary>Counts a child that is about to begin, here and with all ancestors.</summary>
    /// <exception cref="NoosException">One of them may have no more (Refused); then nothing is counted.</exception>
    public void ReserveChild()
    {
        for (var process = this; process is not null; process = process.Parent)
        {
            if (Interlocked.Increment(ref process._children) <= process._record.Program.Limits.Children)
            {
                continue;
            }

            RemoveChild(until: process);
            throw new NoosException(ErrorKind.Refused,
                $"Process {process._record.Id} has {process.Children} children, as many as it may; wait for one to end.");
        }
    }

    /// <summary>Counts a child less.</summary>
    /// <param name="until">The last ancestor with which; null for all.</param>
    public void RemoveChild(LiveProcess? until = null)
    {
        for (var process = this; process is not null; process = process == until ? null : process.Parent)
        {
            Interlocked.Decrement(ref process._children);
        }
    }

    /// <summary>Forgets the history, which can be read again, unless it is in use.</summary>
    public void ReleaseHistory()
    {
        if (!_turnstile.Wait(0))
        {
            return;
        }

        try
        {
            lock (_lock)
            {
                if (!_isWorking)
                {
                    _history = null;
                }
            }
        }
        finally
        {
            _turnstile.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask BeforeAsync(AgentStep step, CancellationToken cancellationToken)
    {
        ThrowIfSpent();
        if (step.Call is { } call)
        {
            var allowed = step.Authorization is { Refusal: null } run ? run : null;
            foreach (var effect in allowed?.Effects ?? [])
            {
                if (effect.Kind == EffectKind.Fetch)
                {
                    allowed!.Caller.OpenInherited(effect.Target);
                }
            }

            await AppendAsync(
                cancellationToken, new CallBegan(call, allowed?.Effects, allowed?.Grounds), new StateChanged(ProcessState.WaitingForCall));
            return;
        }

        await table.BringBackAsync(_record, cancellationToken);
        var turn = step.Turn ?? step.State.Turn;
        lock (_lock)
        {
            (_runStarted, _waited) = (table.TimeProvider.GetTimestamp(), null);
            ClearTokens();
        }

        // Nothing happens to the world yet, so the model need not wait for the disk; its text does.
        _deltas = new DeltaWriter(
            [
                new RunBegan(
                    turn.Options.Seed, turn.Options with { Seed = null }, [.. turn.Tools.Select(tool => tool.Name)],
                    table.Cpu!.Describe(turn.Model).Name),
                new StateChanged(ProcessState.Running),
            ],
            events => AppendAsync(CancellationToken.None, [.. events]), () => CancelAsync(_stop), table.Beat, table.TimeProvider);
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
        _lastTokens = run.Usage.PromptTokens + run.Usage.GeneratedTokens;
        var rest = await EndDeltasAsync();
        var messages = outcome.State.Turn.Conversation.Messages;
        var ended = new RunEnded(
            Message.Assistant(outcome.Parts), outcome.State.FinishReason, run.Seed, run.TokenIds,
            new ProcessUsage(run.Usage.PromptTokens, run.Usage.GeneratedTokens, 0, ElapsedMs()))
        {
            OmittedMessages = run.OmittedMessages > 0 ? run.OmittedMessages : null,
            PagedOutTokens = run.PagedOutTokens > 0 ? run.PagedOutTokens : null,
            CachedTokens = run.Usage.CachedTokens > 0 ? run.Usage.CachedTokens : null,
            WaitedMilliseconds = _waited is > 0 ? _waited : null,
            StopReason = run.StopReason,
            Citations = outcome.Parts.Count > 0 && CitedPassage.Find(messages, messages.Count - 1) is { Count: > 0 } cited ? cited : null,
        };

        // It is over, whoever cancels now.
        await AppendAsync(
            history => ended.FinishReason is null ? [.. rest, ended]
                : [.. rest, ended, new StateChanged(history.Queue.Count > 0 ? ProcessState.Ready : IdleState)],
            CancellationToken.None);
    }

    // A conversation outlives its answers: its person may ask again.
    ProcessState IdleState => _record.Kind == ProcessKind.Conversation ? ProcessState.WaitingForPerson : ProcessState.Done;

    ProcessState NextState(ProcessHistory history) => history.CanGoOn ? ProcessState.Ready
        : history.IsAnswerDue ? ProcessState.WaitingForPerson
        // An agent to whom nobody has said anything yet waits as a conversation does.
        : history.Messages.Count == 0 ? ProcessState.WaitingForPerson
        : IdleState;

    void Start()
    {
        lock (_lock)
        {
            if (table.Cpu is null || _isWorking || _isClosed || IsEnded || _history is not { CanGoOn: true })
            {
                return;
            }

            _isWorking = true;
            if (_stop.IsCancellationRequested)
            {
                _stop.Dispose();
                _stop = new CancellationTokenSource();
            }

            var stop = _stop.Token;
            _work = Task.Run(() => WorkAsync(stop), CancellationToken.None);
        }
    }

    async Task WorkAsync(CancellationToken cancellationToken)
    {
        do
        {
            await AnswerAsync(cancellationToken);
        }
        while (GoesOn());
        if (!cancellationToken.IsCancellationRequested)
        {
            table.ConsiderSummary(this, _lastTokens);
        }

        // A message may have come after the last look, whose sender saw that somebody works.
        bool GoesOn()
        {
            lock (_lock)
            {
                return _isWorking = _history!.CanGoOn && !cancellationToken.IsCancellationRequested && !IsEnded;
            }
        }
    }

    /// <summary>One answer, to its end or to a question that a person must answer; what it comes to is in the journal.</summary>
    async Task AnswerAsync(CancellationToken cancellationToken)
    {
        using var answer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var isOver = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            (_answer, _answerWork) = (answer, isOver.Task);
        }

        try
        {
            await using var items = table.LoopFor(_record, this, CallerNow()).RunAsync(StateNow(), answer.Token)
                .GetAsyncEnumerator(answer.Token);
            while (true)
            {
                var next = items.MoveNextAsync();
                var waits = !next.IsCompleted;
                if (waits)
                {
                    _deltas?.Release();
                }

                if (!await next)
                {
                    break;
                }

                Note(items.Current);
                if (waits && items.Current is TextEvent or ThoughtEvent && _deltas is { } deltas)
                {
                    await deltas.PaceAsync();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Whoever cancelled says what it comes to.
        }
        catch (OperationCanceledException) when (answer.IsCancellationRequested)
        {
            await CompleteAsync(StoppedEvents);
        }
        catch (Exception e) when (ReferenceEquals(e, Volatile.Read(ref _journalError)))
        {
            await LeaveDueAsync();
        }
#pragma warning disable CA1031 // A process that fails says so; the others go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var state = _record.Kind == ProcessKind.Conversation ? ProcessState.WaitingForPerson : ProcessState.Failed;
            // What a person has read stays; without any of it the answer has only failed.
            await CompleteAsync(history => history.Partial.Parts.Count == 0
                ? [new AnswerFailed(e.Message), new StateChanged(state, e.Message)]
                :
                [
                    Stopped(history) with { Reason = e.Message },
                    new StateChanged(state == ProcessState.Failed || history.Queue.Count == 0 ? state : ProcessState.Ready, e.Message),
                ]);
        }
        finally
        {
            await TryEndDeltasAsync();
            lock (_lock)
            {
                _answer = null;
            }

            isOver.SetResult();
        }
    }

    AgentState StateNow()
    {
        AgentState state;
        lock (_lock)
        {
            state = _history!.ToState(_record, table.DeclarationsOf(_record), table.HasOptionalTools);
        }

        // Recorded are all options that act, and the seed is drawn here and not by the CPU, so that every run can be made again.
        var options = state.Turn.Options.OrElse(table.Cpu!.Describe(state.Turn.Model).Defaults);
        options = options with { Seed = options.Seed ?? RandomSeed(), MaxTokens = CapTokens(options.MaxTokens) };
        return state with { Turn = state.Turn with { Options = options } };
    }

    /// <summary>No answer may be longer than what is left of the limits; the prompt counts when the run is over.</summary>
    int? CapTokens(int? maxTokens)
    {
        var left = long.MaxValue;
        for (var process = this; process is not null; process = process.Parent)
        {
            left = Math.Min(left, process.TokensLeft);
        }

        return left >= (maxTokens ?? int.MaxValue) ? maxTokens : (int)Math.Max(1, left);
    }

    /// <summary>On whose behalf a call is made that the model did not ask for.</summary>
    public Caller CallerFor(IApprover approver) => CallerNow() with { Approver = approver };

    Caller CallerNow()
    {
        foreach (var declaration in table.DeclarationsOf(_record))
        {
            Provenance.Add(declaration);
        }

        return new Caller(_record.Id.ToString(CultureInfo.InvariantCulture))
        {
            Process = _record.Id,
            Conversation = Root._record.Id,
            Owner = _record.Owner,
            Provenance = Provenance,
            Above = () => Ancestors().Select(process => process.Provenance),
            Below = () => table.ProvenanceBelow(_record.Id),
            Others = () => table.ProvenanceBelow(Root._record.Id).Append(Root.Provenance).Where(one => one != Provenance),
            // Sub-agents work in the folder of their conversation.
            Folder = table.FolderOf(Root._record.Id),
            Approver = this,
        };
    }

    IEnumerable<LiveProcess> Ancestors()
    {
        for (var process = parent; process is not null; process = process.Parent)
        {
            yield return process;
        }
    }

    void Note(TraceEvent item)
    {
        if (item is RunStartedEvent)
        {
            _waited = ElapsedMs();
        }

        if (item is TextEvent or ThoughtEvent or FailoverEvent)
        {
            _deltas!.Write(item);
        }

        if (item is ToolOutputEvent output)
        {
            // Not for the journal: it would be there twice.
            var entry = new JournalEntry(
                0, _record.Id, table.TimeProvider.GetUtcNow(), new CallPrinted(output.CallId, output.Name, output.Output));
            lock (_lock)
            {
                _followers.ForEach(follower => follower.Writer.TryWrite(entry));
            }
        }

        if (item is TextEvent or ThoughtEvent or ToolCallEvent && item.TokenIds is { } ids)
        {
            lock (_lock)
            {
                _tokenIds.AddRange(ids);
                _running += ids.Count;
                AddRunning(ids.Count);
            }

            ThrowIfOverspent();
        }
    }

    /// <summary>Writes how an answer ended. Where the journal cannot be written the answer stays due.</summary>
    async Task CompleteAsync(Func<ProcessHistory, IReadOnlyList<JournalEvent>> end)
    {
        try
        {
            await TryEndDeltasAsync();
            await AppendAsync(history => history.IsAnswerDue ? end(history) : [], CancellationToken.None);
        }
        catch (Exception e) when (e is NoosException or ObjectDisposedException)
        {
            await LeaveDueAsync();
        }
    }

    IReadOnlyList<JournalEvent> StoppedEvents(ProcessHistory history) => !history.IsAnswerDue
        ? []
        : [Stopped(history), new StateChanged(history.Queue.Count > 0 ? ProcessState.Ready : IdleState)];

    /// <summary>
    /// With what the run under way has written, where that is in the journal alone: it began in a process of the system that is gone.
    /// </summary>
    ProcessHistory WithOpenRun(ProcessHistory history)
    {
        if (history.IsAnswerDue && history.Partial.Parts.Count == 0)
        {
            TakeIn(history, table.Journal.Reader.OpenRun(_record.Id));
        }

        return history;
    }

    /// <summary>What a run has written that nobody here has seen; its time is not known and counts as none.</summary>
    void TakeIn(ProcessHistory history, IReadOnlyList<JournalEvent> written)
    {
        lock (_lock)
        {
            foreach (var happened in written)
            {
                history.Apply(happened);
            }

            _tokenIds.AddRange(written.OfType<Wrote>().SelectMany(wrote => wrote.TokenIds));
            _runStarted = table.TimeProvider.GetTimestamp();
        }
    }

    AnswerStopped Stopped(ProcessHistory history)
    {
        lock (_lock)
        {
            return new AnswerStopped(
                history.Partial, [.. _tokenIds], new ProcessUsage(0, _tokenIds.Count, 0, _tokenIds.Count == 0 ? 0 : ElapsedMs()));
        }
    }

    /// <summary>
    /// A text that was being written when the system stopped, by a model that would not write the same again: what a person has read stays
    /// as it is, and they say whether it goes on. Null where the answer is to be made again.
    /// </summary>
    IReadOnlyList<JournalEvent>? Interrupted(ProcessHistory history)
    {
        // Nobody reads along with a job, and whoever waits for an agent waits for a whole answer.
        if (table.Cpu is null || IsEnded || IsWorking || _record is not { Kind: ProcessKind.Conversation, Parent: null })
        {
            return null;
        }

        var written = table.Journal.Reader.OpenRun(_record.Id);
        if (!written.Any(happened => happened is Wrote { IsThought: false, Text: var text } && !string.IsNullOrWhiteSpace(text))
            || (!written.Any(happened => happened is AnsweredElsewhere) && WritesTheSameAgain()))
        {
            return null;
        }

        TakeIn(history, written);
        return
        [
            Stopped(history) with { Reason = "The system stopped in the middle of it." },
            new StateChanged(history.Queue.Count > 0 ? ProcessState.Ready : IdleState),
        ];
    }

    bool WritesTheSameAgain()
    {
        try
        {
            return table.Cpu!.Describe(_record.Program.Model).Can.HasFlag(CpuFeatures.Replay);
        }
        catch (NoosException)
        {
            // The model is gone.
            return false;
        }
    }

    /// <summary>A call that was under way when the system stopped, and must not be made again: the model is told.</summary>
    IReadOnlyList<JournalEvent> CutShort(ProcessHistory history)
    {
        lock (_lock)
        {
            return _isWorking || history.CallInFlight is not { } call || table.MayRepeat(call) ? [] :
            [
                new CallEnded(
                    Message.Tool(new ToolResultPart(
                        call.Name, $"{call.Name} was interrupted when the system stopped; whether it happened is not known.", IsError: true,
                        call.CallId)),
                    new ProcessUsage()),
            ];
        }
    }

    /// <returns>What of the text is not written yet.</returns>
    async Task<IReadOnlyList<JournalEvent>> EndDeltasAsync() =>
        Interlocked.Exchange(ref _deltas, null) is { } deltas ? await deltas.EndAsync() : [];

    async Task TryEndDeltasAsync()
    {
        try
        {
            if (await EndDeltasAsync() is { Count: > 0 } rest)
            {
                await AppendAsync(CancellationToken.None, rest);
            }
        }
        catch (Exception e) when (e is NoosException or ObjectDisposedException)
        {
            await LeaveDueAsync();
        }
    }

    /// <summary>
    /// The journal cannot be written, and has said so in the log: nothing is tried again until somebody asks, and who follows must not wait
    /// for it.
    /// </summary>
    async Task LeaveDueAsync()
    {
        await CancelAsync(_stop);
        lock (_lock)
        {
            _record = _record with { State = ProcessState.Ready };
            _followers.ForEach(follower => follower.Writer.TryComplete());
            _followers.Clear();
        }
    }

    Task<long> AppendAsync(CancellationToken cancellationToken, params IReadOnlyList<JournalEvent> events) =>
        AppendAsync(events, build: null, cancellationToken);

    Task<long> AppendAsync(Func<ProcessHistory, IReadOnlyList<JournalEvent>> build, CancellationToken cancellationToken) =>
        AppendAsync([], build, cancellationToken);

    /// <param name="events">What is appended.</param>
    /// <param name="build">Decides it by the history, when nobody else can append; null for <paramref name="events"/>.</param>
    /// <param name="cancellationToken">Before it is begun.</param>
    /// <returns>The id of the last; 0 for none.</returns>
    async Task<long> AppendAsync(
        IReadOnlyList<JournalEvent> events, Func<ProcessHistory, IReadOnlyList<JournalEvent>>? build, CancellationToken cancellationToken)
    {
        await _turnstile.WaitAsync(cancellationToken);
        try
        {
            events = build is null ? events : build(LoadHistory());
            if (events.Count == 0)
            {
                return 0;
            }

            long last;
            try
            {
                last = await table.Journal.AppendAsync(_record.Id, events, cancellationToken);
            }
            catch (Exception e) when (e is NoosException or ObjectDisposedException)
            {
                Volatile.Write(ref _journalError, e);
                throw;
            }

            var isBranch = events.Any(happened => happened is Branched);
            lock (_lock)
            {
                // It goes on from another place than where it is.
                _history = isBranch ? null : _history;
                Tell(events, last);
            }

            if (isBranch)
            {
                LoadHistory();
            }

            return last;
        }
        finally
        {
            _turnstile.Release();
        }
    }

    ProcessHistory LoadHistory()
    {
        if (_history is { } known)
        {
            return known;
        }

        var history = table.ReadHistory(_record.Id);
        lock (_lock)
        {
            if (_provenance is { } earlier)
            {
                history.Provenance.KeepVisits(earlier);
            }

            _provenance = history.Provenance;
            return _history = history;
        }
    }

    void Tell(IReadOnlyList<JournalEvent> events, long last)
    {
        var now = table.TimeProvider.GetUtcNow();
        for (var i = 0; i < events.Count; i++)
        {
            // One append has consecutive ids.
            var entry = new JournalEntry(last - events.Count + 1 + i, _record.Id, now, events[i]);
            Apply(entry);
            _followers.ForEach(follower => follower.Writer.TryWrite(entry));
        }

        if (IsEnded)
        {
            _followers.ForEach(follower => follower.Writer.TryComplete());
        }
    }

    void Apply(JournalEntry entry)
    {
        var happened = entry.Event;
        _history?.Apply(happened, entry.Id);
        var wasEnded = IsEnded;
        var cost = happened.Cost;
        _record = _record with
        {
            Changed = entry.Time,
            State = happened is StateChanged changed ? changed.State : _record.State,
            Title = happened is Renamed renamed ? renamed.Title : _record.Title,
            Priority = happened is Niced niced ? niced.Priority : _record.Priority,
            Program = happened is ModelChosen chosen ? _record.Program with { Model = chosen.Model } : _record.Program,
            Usage = cost is null ? _record.Usage : _record.Usage + cost,
        };
        for (var process = cost is null ? null : this; process is not null; process = process.Parent)
        {
            process.Spend(cost!);
        }

        if (happened is RunEnded or AnswerStopped or AnswerFailed)
        {
            // Behind what it cost: in between it counts twice and never not at all.
            ClearTokens();
        }

        if (IsEnded && !wasEnded)
        {
            table.ForgetMemory(_record.Id);
            parent?.RemoveChild();
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
            if (process.TokensLeft <= 0 || Volatile.Read(ref process._treeUsage).Calls >= process._record.Program.Limits.Calls)
            {
                throw process.Spent();
            }
        }
    }

    /// <summary>Ends a run that takes the tree over a limit; the last token that it may have is no fault yet.</summary>
    void ThrowIfOverspent()
    {
        for (var process = this; process is not null; process = process.Parent)
        {
            if (process.TokensLeft < 0)
            {
                throw process.Spent();
            }
        }
    }

    /// <summary>Tokens that the process and its children may still have, those of runs under way counted.</summary>
    long TokensLeft
    {
        get
        {
            var spent = Volatile.Read(ref _treeUsage);
            return _record.Program.Limits.Tokens is { } limit
                ? limit - spent.TokensIn - spent.TokensOut - Interlocked.Read(ref _treeRunning)
                : long.MaxValue;
        }
    }

    NoosException Spent()
    {
        var spent = Volatile.Read(ref _treeUsage);
        var tokens = spent.TokensIn + spent.TokensOut + Interlocked.Read(ref _treeRunning);
        return new NoosException(ErrorKind.Refused,
            $"Process {_record.Id} and its children have spent what they may ({tokens:N0} tokens, {spent.Calls:N0} calls); start another "
            + "with wider limits.");
    }

    void AddRunning(long tokens)
    {
        for (var process = this; process is not null && tokens != 0; process = process.Parent)
        {
            Interlocked.Add(ref process._treeRunning, tokens);
        }
    }

    /// <summary>Under the lock.</summary>
    void ClearTokens()
    {
        AddRunning(-_running);
        _running = 0;
        _tokenIds.Clear();
    }

    public void ThrowIfEnded()
    {
        if (IsEnded)
        {
            throw new NoosException(ErrorKind.Invalid, $"Process {_record.Id} has ended; start another, or fork it.");
        }
    }

    public void ThrowIfTimer()
    {
        if (_record.Kind == ProcessKind.Timer)
        {
            throw new NoosException(
                ErrorKind.Invalid, $"Process {_record.Id} is a timer; 'noos timers' says when it runs, and which job it began last.");
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _followers.ForEach(follower => follower.Writer.TryComplete());
        }

        // The turnstile is left to the collector: whoever waits at it, such as a second one who deletes the process, comes to hear from the
        // journal that there is none any more.
        _stop.Dispose();
    }

    long ElapsedMs() => (long)table.TimeProvider.GetElapsedTime(_runStarted).TotalMilliseconds;

    static async Task CancelAsync(CancellationTokenSource source)
    {
        try
        {
            await source.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // What it would have stopped is over.
        }
    }

    static ulong RandomSeed() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

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
