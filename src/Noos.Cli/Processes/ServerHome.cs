using Noos.Cli.Chat;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Memory;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;
using Noos.Server.Client;
using Noos.Server.Processes;

namespace Noos.Cli.Processes;

/// <summary>The processes of the server that is up.</summary>
sealed class ServerHome(ProcessClient client) : IHome
{
    // The server answers after so long also when there is nothing new, so that nothing between cuts the line.
    const int WaitSeconds = 60;

    public string? Model => client.Model;

    public Task<MemoryAnswer> MemoryAsync(CancellationToken cancellationToken) => client.MemoryAsync(cancellationToken);

    public async Task<IReadOnlyList<ProcessRecord>> ListAsync(ProcessFilter filter, CancellationToken cancellationToken)
    {
        var all = new List<ProcessRecord>();
        string? next = null;
        do
        {
            var page = await client.ListAsync(filter, next, cancellationToken);
            all.AddRange(page.Data);
            next = page.Next;
        }
        while (next is not null && all.Count < filter.Limit);

        return [.. all.Take(filter.Limit)];
    }

    public Task<ProcessRecord> GetAsync(long process, CancellationToken cancellationToken) => client.GetAsync(process, cancellationToken);

    public Task<ProcessRecord> SpawnAsync(ProcessStart start, string? message, CancellationToken cancellationToken) =>
        client.SpawnAsync(start, message, cancellationToken);

    public Task<SaidAnswer> SayAsync(long process, string text, GenerationOptions? options, CancellationToken cancellationToken) =>
        client.SayAsync(process, text, options, cancellationToken);

    public async Task<SaidAnswer> SayAsync(
        long process, string text, IReadOnlyList<string> paths, GenerationOptions? options, CancellationToken cancellationToken)
    {
        var names = new List<string>(paths.Count);
        foreach (var path in paths)
        {
            await using var content = FileOption.Open(path);
            names.Add(await client.GiveFileAsync(process, Path.GetFileName(path), content, cancellationToken));
        }

        return names.Count == 0
            ? await client.SayAsync(process, text, options, cancellationToken)
            : await client.SayAsync(process, text, names, options, cancellationToken);
    }

    public Task RecoverAsync(long process) => Task.CompletedTask;

    public Task<MessageList> MessagesAsync(long process, CancellationToken cancellationToken) =>
        client.MessagesAsync(process, cancellationToken);

    public Task<EntryList> EventsAsync(long process, long after, int limit, CancellationToken cancellationToken) =>
        client.EventsAsync(process, after, limit, cancellationToken);

    public Task<IReadOnlyList<JournalEntry>> LastEventsAsync(long process, int count, CancellationToken cancellationToken) =>
        client.LastEventsAsync(process, count, cancellationToken);

    public IAsyncEnumerable<JournalEntry> FollowAsync(long process, long after, CancellationToken cancellationToken) =>
        client.FollowAsync(process, after, cancellationToken);

    public Task<ProcessRecord> StopAsync(long process) => client.StopAsync(process);

    public Task<ProcessRecord> KillAsync(long process, string? reason, CancellationToken cancellationToken) =>
        client.KillAsync(process, reason, cancellationToken);

    public Task<ProcessRecord> ChangeAsync(
        long process, ProcessPriority? priority, string? title, CancellationToken cancellationToken) =>
        client.ChangeAsync(process, priority, title, cancellationToken);

    public async Task<ProcessRecord> WaitAsync(long process, TimeSpan time, CancellationToken cancellationToken)
    {
        while (true)
        {
            var seconds = (int)Math.Min(WaitSeconds, Math.Ceiling(time.TotalSeconds));
            var record = await client.WaitAsync(process, seconds, cancellationToken);
            time -= TimeSpan.FromSeconds(seconds);
            if (!record.IsDue || time <= TimeSpan.Zero)
            {
                return record;
            }
        }
    }

    public Task<ProcessRecord> ForkAsync(long process, long? at, string? title, CancellationToken cancellationToken) =>
        client.ForkAsync(process, at, title, cancellationToken);

    public Task<ContextTable> ContextAsync(long process, CancellationToken cancellationToken) =>
        client.ContextAsync(process, cancellationToken);

    public Task<ContextTable> MarkAsync(long process, int page, PageMark mark, CancellationToken cancellationToken) =>
        client.MarkAsync(process, page, mark, cancellationToken);

    public Task<ReplayAnswer> ReplayAsync(long process, CancellationToken cancellationToken) =>
        client.ReplayAsync(process, cancellationToken);

    public async Task<IReadOnlyList<JournalPassage>> SearchAsync(
        string words, long? process, int limit, CancellationToken cancellationToken) =>
        (await client.SearchAsync(words, process, limit, cancellationToken)).Data;

    public async Task<IReadOnlyList<TimerRecord>> TimersAsync(bool includesEnded, CancellationToken cancellationToken) =>
        (await client.TimersAsync(includesEnded, cancellationToken)).Data;

    public Task<TimerRecord> AddTimerAsync(TimerStart start, CancellationToken cancellationToken) =>
        client.AddTimerAsync(start, cancellationToken);

    public Task<TimerRecord> RemoveTimerAsync(long timer, CancellationToken cancellationToken) =>
        client.RemoveTimerAsync(timer, cancellationToken);

    public async Task<IReadOnlyList<JournalEntry>> ApprovalsAsync(CancellationToken cancellationToken) =>
        (await client.ApprovalsAsync(cancellationToken)).Data;

    public async Task<IReadOnlyList<PermissionRule>> PermissionsAsync(CancellationToken cancellationToken) =>
        (await client.PermissionsAsync(cancellationToken)).Data;

    public Task<ProcessRecord> DecideAsync(long process, Approval approval, string? callId, CancellationToken cancellationToken) =>
        client.DecideAsync(process, approval, callId, cancellationToken);

    public Task<PermissionRule> RevokeAsync(long permission, CancellationToken cancellationToken) =>
        client.RevokeAsync(permission, cancellationToken);

    public Task RemoveUserAsync(string name, bool forgets, CancellationToken cancellationToken) =>
        client.RemoveUserAsync(name, forgets, cancellationToken);

    public Task DeleteAsync(long process, CancellationToken cancellationToken) => client.DeleteAsync(process, cancellationToken);

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }
}
