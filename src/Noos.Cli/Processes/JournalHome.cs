using Noos.Cli.Chat;
using Noos.Core.Conversations;
using Noos.Core.Devices;
using Noos.Kernel.Accounts;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Facts;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Memory;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;
using Noos.Server.Files;
using Noos.Server.Processes;

namespace Noos.Cli.Processes;

/// <summary>The processes of a home that this program holds: with a model it answers, without one what is due waits for a server.</summary>
sealed class JournalHome : IHome
{
    readonly Journal _journal;
    readonly Assistant? _assistant;
    readonly ProcessTable _table;
    readonly TimerTable _timers;
    readonly AccountStore _accounts;
    readonly IDisposable? _kept;
    readonly IEye? _eye;

    /// <param name="journal">Owned from now on.</param>
    /// <param name="assistant">Owned from now on; null where nothing runs.</param>
    /// <param name="tools">What programs may call.</param>
    /// <param name="kept">Disposed before the assistant.</param>
    /// <param name="eye">Reports what pictures show that go with a message.</param>
    public JournalHome(
        Journal journal, Assistant? assistant, IReadOnlyList<Core.Tools.ITool> tools, IDisposable? kept = null, IEye? eye = null)
    {
        (_journal, _assistant, _kept, _eye) = (journal, assistant, kept, eye);
        _accounts = new AccountStore(Path.GetDirectoryName(journal.Path)!);
        var options = new ProcessTableOptions { HasOptionalTools = assistant?.HasOptionalTools ?? true, Quota = _accounts };
        var gate = assistant?.Gate ?? new ToolGate(new ToolLimits());
        gate.Owners = _accounts;
        _table = new ProcessTable(journal, assistant?.Cpu, gate, tools, options: options);

        // Not started: timers run where a server does.
        _timers = new TimerTable(_table);
    }

    public ProcessTable Table => _table;

    public string? Model => _assistant?.ModelName;

    public Task<MemoryAnswer> MemoryAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new MemoryAnswer(_assistant?.Cpu.Cache, _table.SwapBytes, _table.Memory()));

    public Task<IReadOnlyList<ProcessRecord>> ListAsync(ProcessFilter filter, CancellationToken cancellationToken) =>
        Task.FromResult(_table.List(filter));

    public Task<ProcessRecord> GetAsync(long process, CancellationToken cancellationToken) => Task.FromResult(_table.Get(process));

    public async Task<ProcessRecord> SpawnAsync(ProcessStart start, string? message, CancellationToken cancellationToken)
    {
        var process = await _table.SpawnAsync(start, cancellationToken);
        if (message is not null)
        {
            await _table.SayAsync(process.Id, Message.User(message), cancellationToken);
        }

        return _table.Get(process.Id);
    }

    public async Task<SaidAnswer> SayAsync(long process, string text, GenerationOptions? options, CancellationToken cancellationToken)
    {
        var (said, isQueued) = await _table.SayAsync(process, Message.User(text), options, cancellationToken);
        return new SaidAnswer(said, isQueued, _table.Get(process));
    }

    public async Task<SaidAnswer> SayAsync(
        long process, string text, IReadOnlyList<string> paths, GenerationOptions? options, CancellationToken cancellationToken)
    {
        if (paths.Count == 0)
        {
            return await SayAsync(process, text, options, cancellationToken);
        }

        var files = await FileOption.StoreAsync(paths, _table.FolderFor(process), cancellationToken);
        var message = await new MessageFiles(_assistant?.Cpu, eye: _eye).AttachAsync(Message.User(text), files, cancellationToken);
        var (said, isQueued) = await _table.SayAsync(process, message, options, cancellationToken);
        return new SaidAnswer(said, isQueued, _table.Get(process));
    }

    public Task RecoverAsync(long process) => _table.RecoverAsync(process);

    public Task<MessageList> MessagesAsync(long process, CancellationToken cancellationToken)
    {
        _ = _table.Get(process);
        var history = _table.ReadHistory(process);
        return Task.FromResult(new MessageList(history.Messages, history.Queue, _table.Partial(process), history.Messages.Count));
    }

    public Task<EntryList> EventsAsync(long process, long after, int limit, CancellationToken cancellationToken)
    {
        _ = _table.Get(process);
        var page = _table.Events(process, after, limit);
        return Task.FromResult(new EntryList(page, page.Count == limit ? page[^1].Id : null));
    }

    public Task<IReadOnlyList<JournalEntry>> LastEventsAsync(long process, int count, CancellationToken cancellationToken) =>
        Task.FromResult(_table.LastEvents(process, count));

    public IAsyncEnumerable<JournalEntry> FollowAsync(long process, long after, CancellationToken cancellationToken) =>
        _table.FollowAsync(process, after, cancellationToken);

    public async Task<ProcessRecord> StopAsync(long process)
    {
        await _table.StopAsync(process);
        return _table.Get(process);
    }

    public async Task<ProcessRecord> KillAsync(long process, string? reason, CancellationToken cancellationToken)
    {
        await _table.KillAsync(process, reason);
        return _table.Get(process);
    }

    public async Task<ProcessRecord> ChangeAsync(
        long process, ProcessPriority? priority, string? title, CancellationToken cancellationToken)
    {
        if (priority is { } wanted)
        {
            await _table.NiceAsync(process, wanted, cancellationToken);
        }

        if (title is not null)
        {
            await _table.RenameAsync(process, title, cancellationToken);
        }

        return _table.Get(process);
    }

    public async Task<ProcessRecord> WaitAsync(long process, TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            return await _table.WaitAsync(process, cancellationToken).WaitAsync(time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return _table.Get(process);
        }
    }

    public Task<ProcessRecord> ForkAsync(long process, long? at, string? title, CancellationToken cancellationToken) =>
        _table.ForkAsync(process, at, title, cancellationToken);

    public Task<ContextTable> ContextAsync(long process, CancellationToken cancellationToken) =>
        Task.FromResult(_table.Context(process));

    public Task<ContextTable> MarkAsync(long process, int page, PageMark mark, CancellationToken cancellationToken) =>
        _table.MarkAsync(process, page, mark, cancellationToken);

    public async Task<ReplayAnswer> ReplayAsync(long process, CancellationToken cancellationToken)
    {
        var runs = new List<RunReplay>();
        await foreach (var run in _table.ReplayAsync(process, cancellationToken))
        {
            runs.Add(run);
        }

        return new ReplayAnswer(runs.TrueForAll(run => run.Difference is null), runs);
    }

    public Task<IReadOnlyList<JournalPassage>> SearchAsync(
        string words, long? process, int limit, CancellationToken cancellationToken) =>
        Task.FromResult(_table.Search(words, process, limit));

    public Task<IReadOnlyList<TimerRecord>> TimersAsync(bool includesEnded, CancellationToken cancellationToken) =>
        Task.FromResult(_timers.List(includesEnded));

    public Task<TimerRecord> AddTimerAsync(TimerStart start, CancellationToken cancellationToken) =>
        _timers.AddAsync(start, cancellationToken);

    public Task<TimerRecord> RemoveTimerAsync(long timer, CancellationToken cancellationToken) =>
        _timers.RemoveAsync(timer, cancellationToken);

    public Task<IReadOnlyList<JournalEntry>> ApprovalsAsync(CancellationToken cancellationToken) => Task.FromResult(_table.Approvals());

    public Task<IReadOnlyList<PermissionRule>> PermissionsAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_table.Permissions());

    public async Task<ProcessRecord> DecideAsync(long process, Approval approval, string? callId, CancellationToken cancellationToken)
    {
        await _table.DecideAsync(process, approval, callId, cancellationToken);
        return _table.Get(process);
    }

    public async Task<PermissionRule> RevokeAsync(long permission, CancellationToken cancellationToken)
    {
        await _table.RevokeAsync(permission, cancellationToken: cancellationToken);
        return _table.Permissions().First(rule => rule.Id == permission);
    }

    public Task RemoveUserAsync(string name, bool forgets, CancellationToken cancellationToken) =>
        new AccountRemoval(_accounts, _table, new FactStore(Path.GetDirectoryName(_journal.Path)!)).RunAsync(
            name, forgets, cancellationToken);

    public Task DeleteAsync(long process, CancellationToken cancellationToken) => _table.DeleteAsync(process, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _timers.DisposeAsync();
        await _table.DisposeAsync();
        _kept?.Dispose();
        if (_assistant is not null)
        {
            await _assistant.DisposeAsync();
        }

        await _journal.DisposeAsync();
    }
}
