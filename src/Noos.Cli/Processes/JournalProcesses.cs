using System.Runtime.CompilerServices;
using Noos.Core;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;
using Noos.Server.Processes;

namespace Noos.Cli.Processes;

/// <summary>The processes as the journal lists them, for commands that only read: it may be another program's at the moment.</summary>
/// <param name="reader">Null where there is no journal yet, and so no process.</param>
sealed class JournalProcesses(JournalReader? reader) : IProcessReader
{
    public string? Model => null;

    public Task<MemoryAnswer> MemoryAsync(CancellationToken cancellationToken) => Task.FromResult(new MemoryAnswer(null, 0, []));

    public Task<IReadOnlyList<ProcessRecord>> ListAsync(ProcessFilter filter, CancellationToken cancellationToken) =>
        Task.FromResult(reader?.Processes(filter) ?? []);

    public Task<ProcessRecord> GetAsync(long process, CancellationToken cancellationToken) => Task.FromResult(Get(process));

    public Task<MessageList> MessagesAsync(long process, CancellationToken cancellationToken)
    {
        _ = Get(process);
        var history = reader!.History(process);
        return Task.FromResult(new MessageList(history.Messages, history.Queue, null, history.Messages.Count));
    }

    public Task<IReadOnlyList<TimerRecord>> TimersAsync(bool includesEnded, CancellationToken cancellationToken) =>
        Task.FromResult(reader is null ? [] : new TimerReader(reader, TimeProvider.System).List(includesEnded));

    public Task<IReadOnlyList<JournalEntry>> ApprovalsAsync(CancellationToken cancellationToken) =>
        Task.FromResult(reader?.Approvals() ?? []);

    public Task<IReadOnlyList<PermissionRule>> PermissionsAsync(CancellationToken cancellationToken) =>
        Task.FromResult(reader?.Permissions() ?? []);

    public Task<EntryList> EventsAsync(long process, long after, int limit, CancellationToken cancellationToken)
    {
        _ = Get(process);
        var page = reader!.Events(process, after, limit);
        return Task.FromResult(new EntryList(page, page.Count == limit ? page[^1].Id : null));
    }

    public Task<IReadOnlyList<JournalEntry>> LastEventsAsync(long process, int count, CancellationToken cancellationToken)
    {
        _ = Get(process);
        return Task.FromResult(reader!.LastEvents(process, count));
    }

    /// <summary>What has happened; nothing happens where no server is up.</summary>
    public async IAsyncEnumerable<JournalEntry> FollowAsync(
        long process, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int PageLength = 1000;
        for (var next = (long?)after; next is not null;)
        {
            var page = await EventsAsync(process, next.Value, PageLength, cancellationToken);
            foreach (var entry in page.Data)
            {
                yield return entry;
            }

            next = page.Next;
        }
    }

    public Task<ProcessRecord> WaitAsync(long process, TimeSpan time, CancellationToken cancellationToken) =>
        Task.FromResult(Get(process));

    public Task<IReadOnlyList<JournalPassage>> SearchAsync(
        string words, long? process, int limit, CancellationToken cancellationToken) =>
        Task.FromResult(reader?.Search(words, process, limit) ?? []);

    public ValueTask DisposeAsync()
    {
        reader?.Dispose();
        return ValueTask.CompletedTask;
    }

    ProcessRecord Get(long process) => reader?.Find(process)
        ?? throw new NoosException(ErrorKind.NotFound, $"There is no process {process}; 'noos ps --all' lists those there are.");
}
