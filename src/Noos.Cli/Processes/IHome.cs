using Noos.Kernel.Cpu;
using Noos.Kernel.Memory;
using Noos.Kernel.Gate;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;
using Noos.Server.Processes;

namespace Noos.Cli.Processes;

/// <summary>The processes of a home, wherever they run: in the server that is up, or in this program.</summary>
interface IHome : IProcessReader
{
    /// <param name="start">What begins.</param>
    /// <param name="message">What is said first; null for nothing.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<ProcessRecord> SpawnAsync(ProcessStart start, string? message, CancellationToken cancellationToken);

    /// <returns>The event behind which the answer is.</returns>
    Task<SaidAnswer> SayAsync(long process, string text, GenerationOptions? options, CancellationToken cancellationToken);

    /// <summary>The same with files, which the process keeps.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="text">What is said.</param>
    /// <param name="paths">Files of this machine; may be empty.</param>
    /// <param name="options">How the answer is generated.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<SaidAnswer> SayAsync(
        long process, string text, IReadOnlyList<string> paths, GenerationOptions? options, CancellationToken cancellationToken);

    /// <summary>Goes on with an answer that a stop of the system has cut short.</summary>
    Task RecoverAsync(long process);

    Task<ProcessRecord> StopAsync(long process);

    Task<ProcessRecord> KillAsync(long process, string? reason, CancellationToken cancellationToken);

    Task<ProcessRecord> ChangeAsync(long process, ProcessPriority? priority, string? title, CancellationToken cancellationToken);

    Task<ProcessRecord> ForkAsync(long process, long? at, string? title, CancellationToken cancellationToken);

    /// <summary>The page table.</summary>
    Task<ContextTable> ContextAsync(long process, CancellationToken cancellationToken);

    /// <summary>The page table after a person has decided about a page.</summary>
    Task<ContextTable> MarkAsync(long process, int page, PageMark mark, CancellationToken cancellationToken);

    Task<ReplayAnswer> ReplayAsync(long process, CancellationToken cancellationToken);

    /// <summary>Answers the question that a process waits with.</summary>
    Task<ProcessRecord> DecideAsync(long process, Approval approval, string? callId, CancellationToken cancellationToken);

    Task<TimerRecord> AddTimerAsync(TimerStart start, CancellationToken cancellationToken);

    /// <returns>The timer as it was.</returns>
    Task<TimerRecord> RemoveTimerAsync(long timer, CancellationToken cancellationToken);

    Task<PermissionRule> RevokeAsync(long permission, CancellationToken cancellationToken);

    Task DeleteAsync(long process, CancellationToken cancellationToken);

    /// <summary>Ends what runs for a user, and removes the account.</summary>
    /// <param name="name">Who.</param>
    /// <param name="forgets">Forgets the user's conversations, files and facts, too.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task RemoveUserAsync(string name, bool forgets, CancellationToken cancellationToken);
}
