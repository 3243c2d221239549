using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;
using Noos.Server.Processes;

namespace Noos.Cli.Processes;

/// <summary>Reads the processes of a home, wherever they run.</summary>
interface IProcessReader : IAsyncDisposable
{
    /// <summary>The model that runs; null where none does.</summary>
    string? Model { get; }

    /// <summary>What is kept of what was read, in all and of each process; empty where no server is up.</summary>
    Task<MemoryAnswer> MemoryAsync(CancellationToken cancellationToken);

    Task<IReadOnlyList<ProcessRecord>> ListAsync(ProcessFilter filter, CancellationToken cancellationToken);

    Task<ProcessRecord> GetAsync(long process, CancellationToken cancellationToken);

    Task<MessageList> MessagesAsync(long process, CancellationToken cancellationToken);

    Task<EntryList> EventsAsync(long process, long after, int limit, CancellationToken cancellationToken);

    Task<IReadOnlyList<JournalEntry>> LastEventsAsync(long process, int count, CancellationToken cancellationToken);

    /// <summary>What has happened since an event, and then what happens, until the process ends.</summary>
    IAsyncEnumerable<JournalEntry> FollowAsync(long process, long after, CancellationToken cancellationToken);

    /// <summary>Waits for so long at most.</summary>
    Task<ProcessRecord> WaitAsync(long process, TimeSpan time, CancellationToken cancellationToken);

    /// <summary>The timers, in the order in which they were set.</summary>
    /// <param name="includesEnded">Those that do not run again, too.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<TimerRecord>> TimersAsync(bool includesEnded, CancellationToken cancellationToken);

    /// <summary>The questions that wait for a person.</summary>
    Task<IReadOnlyList<JournalEntry>> ApprovalsAsync(CancellationToken cancellationToken);

    /// <summary>What persons have decided, revoked decisions included.</summary>
    Task<IReadOnlyList<PermissionRule>> PermissionsAsync(CancellationToken cancellationToken);

    Task<IReadOnlyList<JournalPassage>> SearchAsync(string words, long? process, int limit, CancellationToken cancellationToken);
}
