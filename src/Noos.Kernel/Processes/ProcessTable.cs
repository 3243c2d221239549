using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Memory;

namespace Noos.Kernel.Processes;

/// <summary>
/// All processes of a home: spawns, feeds, follows, forks and ends them. The truth is the journal; in memory are only the processes that
/// somebody has touched, and of few of them the history. Thread-safe.
/// </summary>
/// <param name="journal">Owned by the caller, who disposes it after this.</param>
/// <param name="cpu">Runs the model; null where nothing runs: what is due waits for the next start with one.</param>
/// <param name="gate">Runs the calls. Its permissions are those of the journal from now on.</param>
/// <param name="tools">What programs may call.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Told of what fails.</param>
/// <param name="options">What it does beside; nothing if it is left out.</param>
public sealed class ProcessTable(
    Journal journal, ICpu? cpu, ToolGate gate, IEnumerable<ITool> tools, TimeProvider? timeProvider = null, ILogger? logger = null,
    ProcessTableOptions? options = null)
    : IAsyncDisposable
{
    // Histories in memory; the others are read again when they are needed.
    const int MaxHistories = 64;

    const int PageLength = 1000;

    /// <summary>How a model that cannot go on with its own words is asked to.</summary>
    public const string ContinueQuestion = "Go on from exactly where you stopped.";

    // In the home: a folder for each conversation, in which its tools work.
    const string FilesFolder = "files";

    // In the home: keys and values of idle processes.
    const string SwapFolder = "swap";

    readonly Dictionary<string, ITool> _tools = tools.ToDictionary(tool => tool.Declaration.Name, StringComparer.Ordinal);
    readonly Dictionary<long, LiveProcess> _live = [];
    readonly LinkedList<LiveProcess> _recent = [];
    readonly Lock _lock = new();

    readonly ToolGate _gate = WithPermissions(gate, journal);

    readonly ProcessSwap? _swap = cpu is null || options?.Swap is not { } swap ? null : new ProcessSwap(
        Path.Combine(Path.GetDirectoryName(journal.Path)!, SwapFolder), cpu, swap, timeProvider ?? TimeProvider.System,
        logger ?? NullLogger.Instance);

    // Made when it is first needed, because it needs this table.
    ProcessSummaries? _summaries;

    internal bool HasOptionalTools => options?.HasOptionalTools ?? true;

    internal Journal Journal => journal;

    internal ICpu? Cpu => cpu;

    /// <summary>When runs write their text.</summary>
    internal WriteBeat Beat { get; } = new();

    internal TimeProvider TimeProvider { get; } = timeProvider ?? TimeProvider.System;

    /// <summary>Goes on with every answer that was under way when the system stopped; to be called once, at the start.</summary>
    /// <returns>How many.</returns>
    public async Task<int> RecoverAsync()
    {
        _swap?.Start(IdleSince);
        var due = journal.Reader.DueProcesses();
        foreach (var record in due)
        {
            await RecoverAsync(record.Id);
        }

        return due.Count;
    }

    /// <summary>The same for one process.</summary>
    public Task RecoverAsync(long process) => Touch(process).RecoverAsync();

    /// <summary>Begins a process. It waits until something is said to it.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="kind">What it is for.</param>
    /// <param name="program">What it runs.</param>
    /// <param name="parent">Who spawns it; null for a person or a timer.</param>
    /// <param name="cancellationToken">Before it is begun.</param>
    /// <inheritdoc cref="SpawnAsync(ProcessStart, CancellationToken)"/>
    public Task<ProcessRecord> SpawnAsync(
        string owner, ProcessKind kind, ProcessProgram program, long? parent = null, CancellationToken cancellationToken = default) =>
        SpawnAsync(new ProcessStart(owner, kind, program) { Parent = parent }, cancellationToken);

    /// <summary>Begins a process. It waits until something is said to it.</summary>
    /// <exception cref="NoosException">
    /// The parent may have no more children (Refused), has not a tool that the child asks for (Refused), has ended (Invalid), or is not
    /// there (NotFound); there is no such tool (Invalid) or model (NotFound).
    /// </exception>
    public async Task<ProcessRecord> SpawnAsync(ProcessStart start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentException.ThrowIfNullOrEmpty(start.Owner);
        var above = start.Parent is { } id ? Load(id) : null;
        // Whose it is decides who may see it and whose permissions hold: a child is never somebody else's.
        start = above is null ? start : start with { Owner = above.Record.Owner };
        var program = above is null ? start.Program : Narrow(start.Program, above);
        RequireTools(program);
        RequireModels(program);
        // Counted before it is begun: of many that are begun at once no more than may be.
        above?.ReserveChild();
        try
        {
            return await journal.AddProcessAsync(
                new ProcessRecord(0, start.Parent, start.Owner, start.Kind)
                {
                    Title = start.Title,
                    Program = program,
                    State = ProcessState.WaitingForPerson,
                    Priority = start.Priority ?? start.Kind switch
                    {
                        ProcessKind.Conversation => ProcessPriority.Interactive,
                        ProcessKind.Agent => ProcessPriority.Agent,
                        _ => ProcessPriority.Background,
                    },
                },
                start.Messages.Count == 0
                    ? []
                    : [new Restored(new ProcessSnapshot { Messages = start.Messages }), .. start.PersonCalls],
                cancellationToken);
        }
        catch
        {
            above?.RemoveChild();
            throw;
        }
    }

    /// <summary>Says something to a process: its answer follows, after the one under way.</summary>
    /// <returns>The id of the event: what follows it is the answer. And whether it waits for another.</returns>
    /// <exception cref="NoosException">
    /// There is no such process (NotFound), it has ended (Invalid), or the journal cannot be written.
    /// </exception>
    public Task<(long Event, bool IsQueued)> SayAsync(
        long process, Message message, GenerationOptions? options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var said = Touch(process);
        RequireTokens(said.Record.Owner);
        return said.SayAsync(message, options, cancellationToken);
    }

    /// <inheritdoc cref="SayAsync(long, Message, GenerationOptions?, CancellationToken)"/>
    public Task SayAsync(long process, Message message, CancellationToken cancellationToken = default) =>
        SayAsync(process, message, options: null, cancellationToken);

    /// <summary>
    /// Has a process go on with its last answer, which was cut short: in the same message, where its model can; else it is asked to in
    /// words.
    /// </summary>
    /// <returns>Whether the message itself goes on.</returns>
    /// <exception cref="NoosException">
    /// There is no such process (NotFound), it has ended, or nothing was said yet (Invalid), or the journal cannot be written.
    /// </exception>
    public async Task<bool> ContinueAsync(long process, CancellationToken cancellationToken = default)
    {
        var continued = Touch(process);
        RequireTokens(continued.Record.Owner);
        var history = ReadHistory(process);
        if (!history.IsAnswerDue && history.Messages.Count > 0
            && !(history.CanContinue && cpu?.Describe(continued.Record.Program.Model).Can.HasFlag(CpuFeatures.Continue) == true))
        {
            await continued.SayAsync(Message.User(ContinueQuestion), options: null, cancellationToken);
            return false;
        }

        await continued.ContinueAsync(cancellationToken);
        return true;
    }

    /// <summary>Says something else in the place of a message that waits for the answer under way.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="queued">The event with which it was said.</param>
    /// <param name="message">What is said instead; null takes it back.</param>
    /// <param name="cancellationToken">Before it is done.</param>
    /// <exception cref="NoosException">There is no such process (NotFound), or the message does not wait (Invalid).</exception>
    public Task ChangeQueuedAsync(long process, long queued, Message? message, CancellationToken cancellationToken = default) =>
        Touch(process).ChangeQueuedAsync(queued, message, cancellationToken);

    /// <summary>
    /// A process says something to another: the same, but what it says is the word of a model that has read what it has read, never that of
    /// a person.
    /// </summary>
    /// <param name="from">Who speaks.</param>
    /// <param name="process">To whom.</param>
    /// <param name="message">What.</param>
    /// <param name="cancellationToken">Before it is said.</param>
    public Task<(long Event, bool IsQueued)> TellAsync(
        long from, long process, Message message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var taint = OriginOf(from);
        return SayAsync(
            process,
            message with
            {
                Parts = [.. message.Parts.Select(part => part with { Origin = taint.LessTrusted(part.Origin) ?? Origin.Model })],
            },
            options: null,
            cancellationToken);
    }

    /// <summary>
    /// The least trusted origin of what a process and all that it has to do with have read: the label of whatever it says. Null while all
    /// is trusted.
    /// </summary>
    public Origin? OriginOf(long process)
    {
        var taint = ProvenanceBelow(process).Aggregate((Origin?)null, (taint, one) => taint.LessTrusted(one.Taint));
        for (var live = Load(process); live is not null; live = live.Parent)
        {
            taint = taint.LessTrusted(live.Provenance.Taint);
        }

        return taint;
    }

    /// <summary>
    /// Keeps a file for a process, in the folder of its conversation: its tools read it there until the conversation is forgotten.
    /// </summary>
    /// <param name="process">Its id.</param>
    /// <param name="name">What the file is called.</param>
    /// <param name="content">Its content, copied as it comes.</param>
    /// <param name="maxLength">Bytes.</param>
    /// <param name="cancellationToken">Stops the copying.</param>
    /// <exception cref="NoosException">
    /// There is no such process (NotFound), it has ended (Invalid), the file is longer (Refused), or the disk is full (OutOfMemory).
    /// </exception>
    public Task<GivenFile> GiveFileAsync(
        long process, string name, Stream content, long maxLength = GivenFiles.UsualMaxLength,
        CancellationToken cancellationToken = default) =>
        GivenFiles.StoreAsync(FolderFor(process), name, content, Math.Min(maxLength, RoomFor(Get(process).Owner)), cancellationToken);

    /// <summary>The folder in which the files of a process's conversation lie; it need not be there yet.</summary>
    /// <exception cref="NoosException">There is no such process (NotFound), or it has ended (Invalid).</exception>
    public string FolderFor(long process)
    {
        var live = Load(process);
        live.ThrowIfEnded();
        live.ThrowIfTimer();
        return FolderOf(live.Root.Record.Id);
    }

    /// <summary>The files in the folder of a process's conversation.</summary>
    /// <exception cref="NoosException">There is no such process (NotFound).</exception>
    public IReadOnlyList<GivenFile> Files(long process) => GivenFiles.List(FolderOf(Load(process).Root.Record.Id));

    /// <summary>Answers the question about the next call that a process waits with.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="approval">The answer.</param>
    /// <param name="callId">The call that is meant; null for whichever waits.</param>
    /// <param name="cancellationToken">Before it is decided.</param>
    /// <exception cref="NoosException">There is no such process (NotFound), or it does not wait for this (Invalid).</exception>
    public Task DecideAsync(long process, Approval approval, string? callId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(approval);
        return Touch(process).DecideAsync(approval, callId, cancellationToken);
    }

    /// <summary>The questions that wait for a person, the oldest first.</summary>
    /// <param name="owner">Whose processes; null for all.</param>
    /// <param name="process">Only that of this process; null for all.</param>
    public IReadOnlyList<JournalEntry> Approvals(string? owner = null, long? process = null) => journal.Reader.Approvals(owner, process);

    /// <summary>What persons have decided for longer than one call, revoked decisions included.</summary>
    /// <param name="owner">Whose; null for all.</param>
    public IReadOnlyList<PermissionRule> Permissions(string? owner = null) => journal.Reader.Permissions(owner);

    /// <summary>Refuses a kind of effect for good, in all conversations of an owner, without having been asked.</summary>
    /// <param name="owner">Who decides, and for whom it holds.</param>
    /// <param name="effect">One of that kind, such as listening with a microphone.</param>
    /// <param name="cancellationToken">Before it is written.</param>
    public async Task RefuseAsync(string owner, Effect effect, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(effect);
        await journal.AddPermissionAsync(
            new PermissionRule(0, owner, null, effect.Capability, effect.Kind, null, null, IsGranted: false, effect.Sentence),
            cancellationToken);
        LoadPermissions();
    }

    /// <summary>Ends a permission, or a refusal for good: from now on it is asked again.</summary>
    /// <param name="permission">Its id.</param>
    /// <param name="owner">Whose it must be; null for anybody's.</param>
    /// <param name="cancellationToken">Before it is ended.</param>
    /// <returns>The permission as it was.</returns>
    /// <exception cref="NoosException">There is none with this id (NotFound).</exception>
    public async Task<PermissionRule> RevokeAsync(long permission, string? owner = null, CancellationToken cancellationToken = default)
    {
        var rule = Permissions(owner).FirstOrDefault(rule => rule.Id == permission) ?? throw new NoosException(
            ErrorKind.NotFound, $"There is no permission {permission}; 'noos permissions' lists those there are.");
        if (rule.DecidedIn is { } decidedIn)
        {
            await Load(decidedIn).RevokeAsync(permission, cancellationToken);
        }
        else
        {
            await journal.RevokeAsync(permission, cancellationToken);
        }

        LoadPermissions();
        return rule;
    }

    /// <summary>Stops the answer under way, if there is one, and keeps what it has written. Messages that wait are answered then.</summary>
    public Task StopAsync(long process) => Touch(process).StopAsync();

    /// <summary>
    /// Everything that happened to a process since an event, and then what happens, until it ends; or until its answer stands still,
    /// because the journal cannot be written.
    /// </summary>
    /// <param name="process">Its id.</param>
    /// <param name="after">The last event that is known already; 0 for none.</param>
    /// <param name="cancellationToken">Ends the reading, not the process.</param>
    public async IAsyncEnumerable<JournalEntry> FollowAsync(
        long process, long after = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // First the subscription and then what is on the disk, so that nothing is missed between the two.
        var (live, subscription) = Load(process).Follow();
        using (subscription)
        {
            IReadOnlyList<JournalEntry> page;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                page = journal.Reader.Events(process, after, PageLength);
                foreach (var entry in page)
                {
                    yield return entry;
                    after = entry.Id;
                }
            }
            while (page.Count == PageLength);

            await foreach (var entry in live.ReadAllAsync(cancellationToken))
            {
                if (entry.Id > after || entry.Event is CallPrinted)
                {
                    yield return entry;
                }
            }
        }
    }

    /// <summary>Waits until a process has nothing more to do: it has ended, or waits for a person.</summary>
    public async Task<ProcessRecord> WaitAsync(long process, CancellationToken cancellationToken = default)
    {
        var live = Load(process);
        while (!live.Work.IsCompleted)
        {
            await live.Work.WaitAsync(cancellationToken);
        }

        return live.Record;
    }

    /// <summary>Ends a process and its children, whatever they do; what they have written stays.</summary>
    public async Task KillAsync(long process, string? reason = null)
    {
        // From above: a parent that is ended spawns no more.
        await Load(process).EndAsync(ProcessState.Killed, reason);
        foreach (var child in journal.Reader.Processes(new ProcessFilter { Parent = process }))
        {
            await KillAsync(child.Id, reason);
        }
    }

    /// <summary>Forgets a process and its children, which are ended before. It cannot be taken back.</summary>
    public async Task DeleteAsync(long process, CancellationToken cancellationToken = default)
    {
        await KillAsync(process);
        long[] family = [.. FamilyOf(process)];
        lock (_lock)
        {
            foreach (var id in family)
            {
                if (_live.Remove(id, out var live))
                {
                    _recent.Remove(live);
                    live.Dispose();
                }
            }
        }

        Array.ForEach(family, id => _swap?.Forget(id));
        await journal.DeleteAsync(family, cancellationToken);
        LoadPermissions();
        if (Directory.Exists(FolderOf(process)))
        {
            Directory.Delete(FolderOf(process), recursive: true);
        }
    }

    /// <summary>
    /// Begins a process with the history of another up to an event; an answer that is due there goes on. What persons ran beside its
    /// answers (<see cref="PersonCalled"/>) comes with it, also what they ran later.
    /// </summary>
    /// <param name="process">The other.</param>
    /// <param name="at">The last event that both have in common; null for all there are.</param>
    /// <param name="title">Null for that of the other.</param>
    /// <param name="cancellationToken">Before it is begun.</param>
    /// <exception cref="NoosException">There is no such process (NotFound), or no such event of it (Invalid).</exception>
    public async Task<ProcessRecord> ForkAsync(
        long process, long? at = null, string? title = null, CancellationToken cancellationToken = default)
    {
        var origin = Get(process);
        Load(process).ThrowIfTimer();
        var last = at ?? journal.Reader.LastEvent(process);
        RequireEvent(process, last);
        var history = journal.Reader.History(process, last);
        var record = await journal.AddProcessAsync(
            new ProcessRecord(0, Parent: null, origin.Owner, origin.Kind)
            {
                Title = title ?? origin.Title,
                Program = origin.Program with { Origin = new ProcessOrigin(process, last) },
                State = history.IsAnswerDue ? ProcessState.Ready : ProcessState.WaitingForPerson,
                Priority = origin.Priority,
            },
            [new Restored(history.ToSnapshot()), .. PersonCallPlaces.Find(history, journal.Reader.PersonCalls(process, last))],
            cancellationToken);
        GivenFiles.Copy(FolderOf(Load(process).Root.Record.Id), FolderOf(record.Id));
        if (history.IsAnswerDue)
        {
            await RecoverAsync(record.Id);
        }

        return Get(record.Id);
    }

    /// <summary>Gives a process another priority, from its next answer on.</summary>
    public async Task NiceAsync(long process, ProcessPriority priority, CancellationToken cancellationToken = default)
    {
        await Load(process).NiceAsync(priority, cancellationToken);
        cpu?.SetPriority(process, priority);
    }

    public Task RenameAsync(long process, string title, CancellationToken cancellationToken = default) =>
        Load(process).RenameAsync(title, cancellationToken);

    /// <summary>Has a process answered by another model, from its next answer on.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="model">The name of the model; null for the usual one.</param>
    /// <param name="cancellationToken">Before it is chosen.</param>
    /// <exception cref="NoosException">There is no such process or model (NotFound).</exception>
    public async Task ChooseModelAsync(long process, string? model, CancellationToken cancellationToken = default)
    {
        RequireChatting(model);
        await Load(process).ChooseModelAsync(model, cancellationToken);
        // Another model cannot use what the first has read.
        ForgetMemory(process);
    }

    /// <summary>Says something in the place of an earlier message, on a new branch; the answer under way is stopped.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="index">The number of the message among <see cref="ProcessHistory.Messages"/>: one of a user.</param>
    /// <param name="message">What is said; null for the same again, which gets another answer.</param>
    /// <param name="cancellationToken">Before it is said.</param>
    /// <returns>The id of the event that says it.</returns>
    /// <exception cref="NoosException">
    /// There is no such process (NotFound), it has ended, or the message is no question (Invalid), or the journal cannot be written.
    /// </exception>
    public Task<long> ReviseAsync(long process, int index, Message? message, CancellationToken cancellationToken = default)
    {
        var revised = Touch(process);
        RequireTokens(revised.Record.Owner);
        return revised.ReviseAsync(index, message, cancellationToken);
    }

    /// <summary>Goes back to another branch, as it was at an event of it; the answer under way is stopped.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="at">The event. An answer that was due there goes on.</param>
    /// <param name="cancellationToken">Before it is done.</param>
    /// <exception cref="NoosException">There is no such process (NotFound) or event of it (Invalid), or it has ended (Invalid).</exception>
    public async Task SwitchAsync(long process, long at, CancellationToken cancellationToken = default)
    {
        RequireEvent(process, at);
        await Touch(process).SwitchAsync(at, cancellationToken);
    }

    /// <summary>Keeps what a person thinks of an answer.</summary>
    /// <exception cref="NoosException">
    /// There is no such process (NotFound) or event of it, or a ranking of no answers (Invalid).
    /// </exception>
    public Task GiveFeedbackAsync(long process, FeedbackGiven feedback, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feedback);
        RequireEvent(process, feedback.Answer);
        foreach (var answer in feedback.Better ?? [])
        {
            RequireEvent(process, answer);
        }

        if (feedback.Ranked is { } ranked && (ranked < 1 || ranked > (feedback.Better?.Count ?? 0)))
        {
            throw new NoosException(
                $"{ranked} answers cannot be in an order where {feedback.Better?.Count ?? 0} were compared; name those with \"better\".")
            {
                Parameter = "ranked",
            };
        }

        return Load(process).GiveFeedbackAsync(feedback, cancellationToken);
    }

    /// <summary>Whether the program of a process may call a tool.</summary>
    public bool HasTool(long process, string tool) => ToolsOf(Get(process)).Any(one => one.Declaration.Name == tool);

    /// <summary>
    /// Runs a call because the person of a process wants it, and not its model: through the gate, with what the process has read. That the
    /// person asks is the permission; what nobody may do here stays refused. What came of it is kept in the journal
    /// (<see cref="PersonCalled"/>); the model does not hear of it.
    /// </summary>
    /// <param name="process">Whose tools, files and interpreters.</param>
    /// <param name="call">The call.</param>
    /// <param name="answer">An event of the answer that it belongs to; 0 for none.</param>
    /// <param name="messageIndex">The number of its message instead, where the process began with the answer.</param>
    /// <param name="report">Told of what it has to say while it runs, from any thread.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="NoosException">There is no such process (NotFound), it has ended, or may not call the tool (Invalid).</exception>
    public async Task<ToolOutcome> CallForPersonAsync(
        long process, ToolCallPart call, long answer = 0, int? messageIndex = null, Action<string>? report = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        var live = Load(process);
        live.ThrowIfEnded();
        live.ThrowIfTimer();
        var tool = ToolsOf(live.Record).FirstOrDefault(one => one.Declaration.Name == call.Name)
            ?? throw new NoosException($"Process {process} has no tool '{call.Name}'.");
        var caller = live.CallerFor(PersonApprover.Instance);
        var began = TimeProvider.GetTimestamp();
        try
        {
            var outcome = await _gate.RunAsync(
                await _gate.AuthorizeAsync(tool, call, caller, cancellationToken), report, cancellationToken);
            await KeepAsync(outcome.Result.ToPart(outcome.Call));
            return outcome;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await KeepAsync(new ToolResultPart(call.Name, "Stopped before it ended.", IsError: true, call.CallId));
            throw;
        }

        Task KeepAsync(ToolResultPart result) => live.NoteAsync(
            [
                new PersonCalled(answer, call, Message.Tool(result), (long)TimeProvider.GetElapsedTime(began).TotalMilliseconds)
                {
                    MessageIndex = messageIndex,
                },
            ],
            CancellationToken.None);
    }

    /// <summary>The page table of a process.</summary>
    public ContextTable Context(long process) => new ProcessContext(this).Read(process);

    /// <summary>
    /// Pins a page of a process, drops it, or leaves it to the kernel again; holds from the next answer on, and after a restart.
    /// </summary>
    /// <returns>The page table with it.</returns>
    /// <exception cref="NoosException">
    /// There is no such process (NotFound) or page (Invalid), the page cannot be marked so (Invalid), too much would be pinned (Refused),
    /// or no model here reads it (Refused).
    /// </exception>
    public async Task<ContextTable> MarkAsync(long process, int page, PageMark mark, CancellationToken cancellationToken = default)
    {
        var context = new ProcessContext(this);
        context.RequireMarkable(process, page, mark);
        await Load(process).MarkAsync(page, mark, cancellationToken);
        return context.Read(process);
    }

    /// <summary>Makes the runs of a process again, from what the journal has of them.</summary>
    /// <exception cref="NoosException">There is no such process (NotFound), or the CPU cannot make a run again (Refused).</exception>
    public IAsyncEnumerable<RunReplay> ReplayAsync(long process, CancellationToken cancellationToken = default) =>
        new ProcessReplay(journal.Reader, cpu ?? throw new NoosException(ErrorKind.Refused, "No model runs here."), _tools.Values)
            .RunAsync(Get(process), cancellationToken);

    /// <summary>A process as it is now.</summary>
    /// <exception cref="NoosException">There is none with this id (NotFound).</exception>
    public ProcessRecord Get(long process)
    {
        lock (_lock)
        {
            if (_live.TryGetValue(process, out var known))
            {
                return WithSwap(known.Record);
            }
        }

        return WithSwap(journal.Reader.Find(process) ?? throw Missing(process));
    }

    /// <summary>
    /// The same for somebody: the one place where it is decided whose processes one may see and touch. Everything that serves several
    /// people comes through here before it does anything with an id.
    /// </summary>
    /// <exception cref="NoosException">
    /// There is none with this id, or it is another's (NotFound both): that it exists is nobody else's business.
    /// </exception>
    public ProcessRecord Get(long process, Principal principal)
    {
        ArgumentNullException.ThrowIfNull(principal);
        var found = Get(process);
        return principal.MaySee(found) ? found : throw Missing(process);
    }

    /// <summary>The processes that a filter lets through as they are now, those that changed last first.</summary>
    public IReadOnlyList<ProcessRecord> List(ProcessFilter? filter = null)
    {
        var records = journal.Reader.Processes(filter ?? new ProcessFilter());
        lock (_lock)
        {
            return [.. records.Select(record => WithSwap(_live.TryGetValue(record.Id, out var live) ? live.Record : record))];
        }
    }

    /// <summary>What the processes hold of the memory of their models, and of the disk, those that ran longest ago first.</summary>
    public IReadOnlyList<ProcessMemory> Memory()
    {
        if (cpu is null)
        {
            return [];
        }

        var all = _swap?.Measure() ?? (cpu.GetService(typeof(IProcessMemory)) as IProcessMemory)?.Measure() ?? [];
        var ended = all.Where(memory => !memory.IsRunning && !IsKept(memory.Process)).ToArray();
        foreach (var memory in ended)
        {
            ForgetMemory(memory.Process);
        }

        // Of what is only on the disk no CPU says whose it is.
        return
        [
            .. all.Except(ended).Select(memory => memory.Pages == 0 && Get(memory.Process).Program.Model is { } model
                ? memory with { Model = model }
                : memory),
        ];

        // Requests of the API are gone with their answer, and their pages belong to nobody.
        bool IsKept(long process) => process < RequestTable.FirstId && journal.Reader.Find(process) is { IsEnded: false };
    }

    /// <summary>Bytes of keys and values on the disk.</summary>
    public long SwapBytes => _swap?.Bytes ?? 0;

    /// <summary>
    /// Looks now whether memory is short, and moves what idle processes hold to the disk; else that happens every few seconds.
    /// </summary>
    public Task BalanceMemoryAsync() => _swap?.BalanceAsync(IdleSince) ?? Task.CompletedTask;

    /// <summary>Completes when every summary that is due has been made.</summary>
    public Task SummariesAsync()
    {
        lock (_lock)
        {
            return _summaries?.Work ?? Task.CompletedTask;
        }
    }

    /// <summary>What a process has said and heard.</summary>
    public ProcessHistory ReadHistory(long process) => journal.Reader.History(process);

    /// <summary>
    /// What persons ran beside the answers of the branch that is read, in their order, each with the number of its message in the history
    /// where that is known.
    /// </summary>
    /// <param name="process">Its id.</param>
    /// <param name="history">What <see cref="ReadHistory"/> has read.</param>
    public IReadOnlyList<PersonCalled> PersonCalls(long process, ProcessHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        return PersonCallPlaces.Find(history, journal.Reader.PersonCalls(process));
    }

    /// <summary>What the run under way has written; null where none is.</summary>
    public Message? Partial(long process)
    {
        lock (_lock)
        {
            return _live.GetValueOrDefault(process)?.Partial;
        }
    }

    /// <summary>Events of a process in their order.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="after">Only those behind this event; 0 for all.</param>
    /// <param name="limit">At most so many.</param>
    public IReadOnlyList<JournalEntry> Events(long process, long after, int limit) => journal.Reader.Events(process, after, limit);

    /// <inheritdoc cref="JournalReader.Extent"/>
    public JournalExtent Extent() => journal.Reader.Extent();

    /// <inheritdoc cref="JournalReader.Turns"/>
    public IReadOnlyList<JournalEntry> Turns(long process) => journal.Reader.Turns(process);

    /// <inheritdoc cref="JournalReader.LastEvents"/>
    public IReadOnlyList<JournalEntry> LastEvents(long process, int count) => journal.Reader.LastEvents(process, count);

    /// <inheritdoc cref="JournalReader.Search"/>
    public IReadOnlyList<JournalPassage> Search(string words, long? process = null, int limit = 20, string? owner = null) =>
        journal.Reader.Search(words, process, limit, owner);

    /// <summary>Stops what runs, so that it goes on after the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        LiveProcess[] all;
        lock (_lock)
        {
            all = [.. _live.Values];
        }

        await Task.WhenAll(all.Select(process => process.CloseAsync()));
        if (_swap is not null)
        {
            await _swap.DisposeAsync();
        }

        if (_summaries is not null)
        {
            await _summaries.DisposeAsync();
        }

        foreach (var process in all)
        {
            process.Dispose();
        }
    }

    /// <summary>Before the model works for an owner.</summary>
    /// <exception cref="NoosException">The owner has used up what is allowed (Busy).</exception>
    internal void RequireTokens(string owner) => options?.Quota?.RequireTokens(owner);

    /// <summary>Bytes that an owner's files may still grow by.</summary>
    long RoomFor(string owner)
    {
        if (options?.Quota?.MaxFileBytes(owner) is not { } allowed)
        {
            return long.MaxValue;
        }

        var used = journal.Reader.Processes(new ProcessFilter { Owner = owner, IncludesEnded = true })
            .Where(process => process.Parent is null)
            .Sum(process => GivenFiles.List(FolderOf(process.Id)).Sum(file => file.Length));
        return used < allowed ? allowed - used : throw new NoosException(
            ErrorKind.Refused,
            $"{owner} has {used >> 20} MiB of files, as many as one may have; forget a conversation, or ask the owner of this machine.");
    }

    internal IReadOnlyList<ToolDeclaration> DeclarationsOf(ProcessRecord process) => [.. ToolsOf(process).Select(tool => tool.Declaration)];

    /// <summary>Before a run: what was moved to the disk is in memory again.</summary>
    internal Task BringBackAsync(ProcessRecord process, CancellationToken cancellationToken) =>
        _swap?.BringBackAsync(process.Id, process.Program.Model, cancellationToken) ?? Task.CompletedTask;

    /// <summary>A process has become idle: what its next question would push out of the window is summarised.</summary>
    /// <param name="process">The process.</param>
    /// <param name="tokens">Prompt and answer of its last run.</param>
    internal void ConsiderSummary(LiveProcess process, long tokens)
    {
        if (cpu is null || options?.Summaries is not { } how)
        {
            return;
        }

        lock (_lock)
        {
            _summaries ??= new ProcessSummaries(this, cpu, how, logger ?? NullLogger.Instance);
        }

        _summaries.Consider(process, tokens);
    }

    /// <summary>The process has ended: what it has read is of no use to it any more.</summary>
    internal void ForgetMemory(long process)
    {
        if (_swap is not null)
        {
            _swap.Forget(process);
        }
        else
        {
            (cpu?.GetService(typeof(IProcessMemory)) as IProcessMemory)?.Forget(process);
        }
    }

    /// <summary>Whether a call does no harm where it is made twice.</summary>
    internal bool MayRepeat(ToolCallPart call) =>
        _tools.TryGetValue(call.Name, out var tool) ? tool.IsRepeatable : call.Name == RecallDeclaration.Name;

    internal AgentLoop LoopFor(ProcessRecord process, IStepRecorder recorder, Caller caller) =>
        new(cpu!, _gate, [.. ToolsOf(process), .. RecallOf(process)], recorder, TimeProvider, logger, caller);

    /// <summary>A tool that a program names and that is not there; null for none.</summary>
    internal string? FindUnknownTool(ProcessProgram program) => program.Tools?.FirstOrDefault(name => !_tools.ContainsKey(name));

    /// <summary>Adds the process that a timer is.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="program">That of its jobs.</param>
    /// <param name="title">What it and its jobs are called.</param>
    /// <param name="timer">How it is set.</param>
    /// <param name="cancellationToken">Before it is added.</param>
    /// <returns>Its id.</returns>
    /// <exception cref="NoosException">There is no such tool (Invalid) or model (NotFound), or the journal cannot be written.</exception>
    internal async Task<long> AddTimerAsync(
        string owner, ProcessProgram program, string? title, TimerSet timer, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        RequireTools(program);
        RequireModels(program);
        return (await journal.AddProcessAsync(
            new ProcessRecord(0, Parent: null, owner, ProcessKind.Timer)
            {
                Title = title,
                Program = program,
                State = ProcessState.Sleeping,
                Priority = ProcessPriority.Background,
            },
            [timer],
            cancellationToken)).Id;
    }

    /// <summary>Notes what became of a timer, unless it has ended.</summary>
    internal Task NoteTimerAsync(long timer, IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken) =>
        Load(timer).NoteAsync(events, cancellationToken);

    /// <summary>Begins a job of a timer, to which something is said at once, and notes that at the timer: all or none.</summary>
    /// <param name="timer">Its process.</param>
    /// <param name="message">What is said.</param>
    /// <param name="note">What is noted at the timer, from the id of the job.</param>
    /// <param name="cancellationToken">Before it is begun.</param>
    internal async Task FireTimerAsync(
        ProcessRecord timer, Message message, Func<long, IReadOnlyList<JournalEvent>> note, CancellationToken cancellationToken)
    {
        var job = new ProcessRecord(0, Parent: null, timer.Owner, ProcessKind.Job)
        {
            Title = timer.Title,
            Program = timer.Program,
            State = ProcessState.Ready,
            Priority = ProcessPriority.Background,
        };
        if (await Load(timer.Id).BeginAsync(job, [new Said(message), new StateChanged(ProcessState.Ready)], note, cancellationToken)
            is { } begun)
        {
            await RecoverAsync(begun.Id);
        }
    }

    internal string FolderOf(long conversation) => Path.Combine(
        Path.GetDirectoryName(journal.Path)!, FilesFolder, conversation.ToString(CultureInfo.InvariantCulture));

    internal IEnumerable<Provenance> ProvenanceBelow(long process) =>
        FamilyOf(process).Where(id => id != process).Select(id => Load(id).Provenance);

    internal void LoadPermissions() => WithPermissions(_gate, journal);

    static ToolGate WithPermissions(ToolGate gate, Journal journal)
    {
        gate.Permissions.Load(journal.Reader.Permissions());
        return gate;
    }

    // Always there for those that may call tools; the model is told of it when something is paged out.
    IEnumerable<ITool> RecallOf(ProcessRecord process) =>
        process.Program.Tools is { Count: 0 } || _tools.ContainsKey(RecallDeclaration.Name)
            ? []
            : [new RecallTool(new ProcessContext(this), process.Id, Math.Min(_gate.Limits.ResultLength, MaxRecall(process)))];

    // Of a small window a recalled passage may take a good part, not all.
    int MaxRecall(ProcessRecord process) =>
        cpu?.Describe(process.Program.Model).MaxTokens is { } window ? Math.Max(200, window * 3 / 4) : int.MaxValue;

    /// <summary>Children before their parents.</summary>
    IEnumerable<long> FamilyOf(long process) =>
        journal.Reader.Processes(new ProcessFilter { Parent = process, IncludesEnded = true }).SelectMany(child => FamilyOf(child.Id))
            .Append(process);

    /// <summary>The first message of a conversation, with what its tools put before it.</summary>
    internal Message Open(ProcessRecord process, Message message) => cpu is null
        ? message
        : ConversationOpening.AddTo(
            cpu.Describe(process.Program.Model).Offered(ToolsOf(process), process.Program.Tools is null && HasOptionalTools),
            process.Owner, message);

    IEnumerable<ITool> ToolsOf(ProcessRecord process) =>
        process.Program.Tools is { } names ? names.Where(_tools.ContainsKey).Select(name => _tools[name]) : _tools.Values;

    DateTimeOffset? IdleSince(long process)
    {
        LiveProcess? live;
        lock (_lock)
        {
            live = _live.GetValueOrDefault(process);
        }

        return live is null ? journal.Reader.Find(process)?.Changed : live.IsWorking ? null : live.Record.Changed;
    }

    /// <summary>It goes on as if it were not swapped, so that is only shown and no event.</summary>
    ProcessRecord WithSwap(ProcessRecord process) =>
        process.State == ProcessState.WaitingForPerson && _swap?.Has(process.Id) == true
            ? process with { State = ProcessState.Swapped }
            : process;

    static ProcessProgram Narrow(ProcessProgram program, LiveProcess parent)
    {
        parent.ThrowIfEnded();
        var limits = parent.Record.Program.Limits;
        if (limits.Depth < 1)
        {
            throw new NoosException(
                ErrorKind.Refused, $"Process {parent.Record.Id} may have no children: it is as deep as the limit allows.");
        }

        var allowed = parent.Record.Program.Tools;
        return allowed is not null && program.Tools?.FirstOrDefault(name => !allowed.Contains(name)) is { } missing
            ? throw new NoosException(ErrorKind.Refused,
                $"Process {parent.Record.Id} may not call '{missing}', so no child of it may; it may call: {string.Join(", ", allowed)}.")
            : program with
            {
                Limits = limits.Narrow(program.Limits),
                Tools = program.Tools ?? allowed,
                Model = program.Model ?? parent.Record.Program.Model,
                Fallbacks = program.Fallbacks ?? (program.Model is null ? parent.Record.Program.Fallbacks : null),
            };
    }

    static NoosException Missing(long process) =>
        new(ErrorKind.NotFound, $"There is no process {process}; 'noos ps --all' lists those there are.");

    void RequireTools(ProcessProgram program)
    {
        if (FindUnknownTool(program) is { } unknown)
        {
            throw new NoosException(ErrorKind.Invalid, $"There is no tool '{unknown}'; there are: {string.Join(", ", _tools.Keys)}.")
            {
                Parameter = "tools",
            };
        }
    }

    void RequireEvent(long process, long id)
    {
        _ = Load(process);
        if (journal.Reader.Events(process, id - 1, limit: 1) is not [{ } found] || found.Id != id)
        {
            throw new NoosException(ErrorKind.Invalid, $"Process {process} has no event {id}; 'noos log {process}' lists those it has.")
            {
                Parameter = "at",
            };
        }
    }

    /// <summary>Told now and not with the first answer; where nothing runs nobody knows.</summary>
    void RequireModels(ProcessProgram program)
    {
        RequireChatting(program.Model);
        cpu?.RequireKnown(program.Fallbacks);
    }

    /// <summary>Refuses a model that is not there, and one that answers nobody; what the system was started with stays as it is.</summary>
    void RequireChatting(string? model)
    {
        if (cpu?.Describe(model) is { IsEncoder: true } encoder && model is not null)
        {
            throw encoder.CannotChat();
        }
    }

    LiveProcess Load(long id)
    {
        lock (_lock)
        {
            if (_live.TryGetValue(id, out var known))
            {
                return known;
            }

            var record = journal.Reader.Find(id) ?? throw Missing(id);
            var parent = record.Parent is { } above ? Load(above) : null;
            return _live[id] = new LiveProcess(record, journal.Reader.Family(id), parent, this);
        }
    }

    /// <summary>Loads a process whose history is needed; that of the one that was touched longest ago is forgotten.</summary>
    LiveProcess Touch(long id)
    {
        var process = Load(id);
        LiveProcess? oldest = null;
        lock (_lock)
        {
            _recent.Remove(process);
            _recent.AddLast(process);
            if (_recent.Count > MaxHistories)
            {
                oldest = _recent.First!.Value;
                _recent.RemoveFirst();
            }
        }

        oldest?.ReleaseHistory();
        return process;
    }
}
