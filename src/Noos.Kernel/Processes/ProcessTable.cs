using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;

namespace Noos.Kernel.Processes;

/// <summary>
/// All processes of a home: spawns, feeds, follows and ends them. The truth is the journal; in memory are only the processes that somebody
/// has touched. Thread-safe.
/// </summary>
/// <param name="journal">Owned by the caller, who disposes it after this.</param>
/// <param name="cpu">Runs the model.</param>
/// <param name="gate">Runs the calls.</param>
/// <param name="tools">What programs may call.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Told of what fails.</param>
public sealed class ProcessTable(
    Journal journal, ICpu cpu, ToolGate gate, IEnumerable<ITool> tools, TimeProvider? timeProvider = null, ILogger? logger = null)
    : IAsyncDisposable
{
    readonly Dictionary<string, ITool> _tools = tools.ToDictionary(tool => tool.Declaration.Name, StringComparer.Ordinal);
    readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    readonly Dictionary<long, LiveProcess> _live = [];
    readonly Lock _lock = new();

    internal Journal Journal => journal;

    internal DateTimeOffset Now => _timeProvider.GetUtcNow();

    /// <summary>Goes on with every answer that was under way when the system stopped; to be called once, at the start.</summary>
    /// <returns>How many.</returns>
    public async Task<int> RecoverAsync()
    {
        var recovered = 0;
        foreach (var record in journal.Reader.Processes(isAlive: true))
        {
            if (record.State is ProcessState.Ready or ProcessState.Running or ProcessState.WaitingForCall)
            {
                await Load(record.Id).RecoverAsync(_tools);
                recovered++;
            }
        }

        return recovered;
    }

    /// <summary>Begins a process. It waits until something is said to it.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="kind">What it is for.</param>
    /// <param name="program">What it runs. A child's limits and tools are never wider than its parent's.</param>
    /// <param name="parent">Who spawns it; null for a person or a timer.</param>
    /// <param name="cancellationToken">Before it is begun.</param>
    /// <exception cref="NoosException">The parent may have no more children (Refused), or is not there (NotFound).</exception>
    public async Task<ProcessRecord> SpawnAsync(
        string owner, ProcessKind kind, ProcessProgram program, long? parent = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        ArgumentNullException.ThrowIfNull(program);
        var above = parent is { } id ? Load(id) : null;
        if (above is not null)
        {
            program = Narrow(program, above);
        }

        var record = await journal.AddProcessAsync(
            new ProcessRecord(0, parent, owner, kind)
            {
                Program = program,
                State = ProcessState.WaitingForPerson,
                Priority = kind switch
                {
                    ProcessKind.Conversation => ProcessPriority.Interactive,
                    ProcessKind.Agent => ProcessPriority.Agent,
                    _ => ProcessPriority.Background,
                },
            },
            cancellationToken);
        above?.AddChild(1);
        Load(record.Id);
        return record;
    }

    /// <summary>Says something to a process: its answer follows, after the one under way.</summary>
    /// <exception cref="NoosException">
    /// There is no such process (NotFound), it has ended (Invalid), or the journal cannot be written.
    /// </exception>
    public Task SayAsync(long process, Message message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Load(process).SayAsync(message, cancellationToken);
    }

    /// <summary>Everything that happened to a process since an event, and then what happens, until it ends.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="after">The last event that is known already; 0 for none.</param>
    /// <param name="cancellationToken">Ends the reading, not the process.</param>
    public async IAsyncEnumerable<JournalEntry> FollowAsync(
        long process, long after = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (live, last, subscription) = Load(process).Follow();
        using (subscription)
        {
            foreach (var entry in journal.Reader.Events(process, after))
            {
                if (entry.Id <= last)
                {
                    yield return entry;
                }
            }

            await foreach (var entry in live.ReadAllAsync(cancellationToken))
            {
                if (entry.Id > after)
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

    /// <summary>Ends a process and its children, whatever they do.</summary>
    public async Task KillAsync(long process, string? reason = null)
    {
        var live = Load(process);
        foreach (var child in Live().Where(other => other.Parent == live))
        {
            await KillAsync(child.Record.Id, reason);
        }

        await live.EndAsync(ProcessState.Killed, reason);
    }

    /// <summary>Gives a process another priority, from its next pass on.</summary>
    public Task NiceAsync(long process, ProcessPriority priority, CancellationToken cancellationToken = default) =>
        Load(process).NiceAsync(priority, cancellationToken);

    public Task RenameAsync(long process, string title, CancellationToken cancellationToken = default) =>
        Load(process).RenameAsync(title, cancellationToken);

    /// <summary>A process as it is now.</summary>
    /// <exception cref="NoosException">There is none with this id (NotFound).</exception>
    public ProcessRecord Get(long process) => Load(process).Record;

    /// <summary>Stops what runs, so that it goes on after the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in Live())
        {
            await process.SuspendAsync();
            process.Dispose();
        }
    }

    internal IReadOnlyList<ToolDeclaration> DeclarationsOf(ProcessRecord process) => [.. ToolsOf(process).Select(tool => tool.Declaration)];

    internal AgentLoop LoopFor(ProcessRecord process, IStepRecorder recorder) =>
        new(cpu, gate, ToolsOf(process), recorder, _timeProvider, logger);

    IEnumerable<ITool> ToolsOf(ProcessRecord process) =>
        process.Program.Tools is { } names ? names.Where(_tools.ContainsKey).Select(name => _tools[name]) : _tools.Values;

    static ProcessProgram Narrow(ProcessProgram program, LiveProcess parent)
    {
        var limits = parent.Record.Program.Limits;
        for (var above = parent; above is not null; above = above.Parent)
        {
            if (above.Children >= above.Record.Program.Limits.Children)
            {
                throw new NoosException(ErrorKind.Refused,
                    $"Process {above.Record.Id} has {above.Children} children, as many as it may; wait for one to end.");
            }
        }

        if (limits.Depth < 1)
        {
            throw new NoosException(
                ErrorKind.Refused, $"Process {parent.Record.Id} may have no children: it is as deep as the limit allows.");
        }

        var allowed = parent.Record.Program.Tools;
        return program with
        {
            Limits = limits.Narrow(program.Limits),
            Tools = allowed is null ? program.Tools : [.. allowed.Where(name => program.Tools?.Contains(name) ?? true)],
        };
    }

    LiveProcess[] Live()
    {
        lock (_lock)
        {
            return [.. _live.Values];
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

            var record = journal.Reader.Find(id)
                ?? throw new NoosException(ErrorKind.NotFound, $"There is no process {id}; 'noos ps --all' lists those there are.");
            var parent = record.Parent is { } above ? Load(above) : null;
            var history = new ProcessHistory();
            var last = 0L;
            foreach (var entry in journal.Reader.Turns(id))
            {
                history.Apply(entry.Event);
                last = entry.Id;
            }

            return _live[id] = new LiveProcess(record, history, Math.Max(last, journal.Reader.LastEvent(id)), parent, this);
        }
    }
}
