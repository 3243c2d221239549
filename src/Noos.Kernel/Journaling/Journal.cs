using System.Globalization;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Kernel.Gate;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Journaling;

/// <summary>
/// The disk of the system: one SQLite file in the home folder with all processes and every event of theirs. An event is on the disk before
/// its append completes (write-ahead log, flushed), so after a kill or a power cut nothing acknowledged is missing. Thread-safe: appends of
/// many processes share a transaction (group commit), made by one thread; readers never wait for it. One writer at a time, in one program:
/// a second is refused.
/// </summary>
public sealed class Journal : IAsyncDisposable
{
    /// <summary>The file's name in the home folder.</summary>
    public const string FileName = "noos.db";

    const string LockName = "noos.lock";

    // ENOSPC, and ERROR_DISK_FULL of Windows.
    const int NoSpace = 28;
    const int NoSpaceWindows = unchecked((int)0x80070070);

    // What a run has written waits so long for that of other runs: less than a flush takes.
    static readonly TimeSpan s_gathering = TimeSpan.FromMilliseconds(1);

    readonly Channel<Pending> _pending = Channel.CreateUnbounded<Pending>(new UnboundedChannelOptions { SingleReader = true });
    readonly FileStream _lock;
    readonly SqliteConnection _writer;
    readonly JournalReader _reader;
    readonly TimeProvider _timeProvider;
    readonly ILogger _logger;
    readonly Thread _thread;
    int _disposed;

    Journal(string path, FileStream held, SqliteConnection writer, TimeProvider timeProvider, ILogger logger)
    {
        Path = path;
        _lock = held;
        _writer = writer;
        _timeProvider = timeProvider;
        _logger = logger;
        _reader = JournalReader.Open(path);
        _thread = new Thread(Write) { IsBackground = true, Name = "noos-journal" };
        _thread.Start();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Reads what is on the disk.</summary>
    public JournalReader Reader => _reader;

    /// <summary>Opens the journal of a home folder, or begins one; brings an older file up to date, after copying it.</summary>
    /// <param name="home">The folder; made if it is not there.</param>
    /// <param name="timeProvider">The clock of the events. Their order never depends on it.</param>
    /// <param name="logger">Told of what goes wrong.</param>
    /// <exception cref="NoosException">
    /// Another program holds the journal (Busy), it is newer or cannot be written (Refused), or damaged (Damaged).
    /// </exception>
    public static Journal Open(string home, TimeProvider? timeProvider = null, ILogger? logger = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(home);
        var path = System.IO.Path.Combine(System.IO.Path.GetFullPath(home), FileName);
        var held = Hold(home);
        SqliteConnection? writer = null;
        try
        {
            // Only this user reads what was said; SQLite gives its logs the rights of the file.
            CreatePrivate(path);
            writer = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            writer.Open();
            // FULL: the log is flushed with every commit; NORMAL would lose acknowledged events in a power cut.
            writer.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000");
            JournalSchema.Migrate(writer, path);
            return new Journal(path, held, writer, timeProvider ?? TimeProvider.System, logger ?? NullLogger.Instance);
        }
        catch (Exception e)
        {
            writer?.Dispose();
            held.Dispose();
            if (e is SqliteException error)
            {
                throw JournalErrors.From(error, path);
            }

            throw;
        }
    }

    /// <summary>What SQLite says of a full disk comes from so many pages on; for tests, while nobody appends.</summary>
    internal void LimitPages(long pages) => _writer.Execute($"PRAGMA max_page_count = {pages.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>Adds a process, with its first events: that it was spawned, and those given.</summary>
    /// <param name="process">Its id is ignored: the one returned is new.</param>
    /// <param name="events">In their order.</param>
    /// <param name="cancellationToken">Only before it is begun: what is written is written.</param>
    /// <returns>The process as it is on the disk.</returns>
    /// <exception cref="NoosException">It cannot be written; nothing was.</exception>
    public async ValueTask<ProcessRecord> AddProcessAsync(
        ProcessRecord process, IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(process);
        ArgumentNullException.ThrowIfNull(events);
        var now = _timeProvider.GetUtcNow();
        process = process with { Created = now, Changed = now };
        var id = await EnqueueAsync(new Pending(process, 0, [new Spawned(process.Program), .. events]), cancellationToken);
        return process with { Id = id };
    }

    /// <summary>The same, with events of another process that tell of it: all of it is written, or none.</summary>
    /// <param name="process">Its id is ignored: the one returned is new.</param>
    /// <param name="events">In their order.</param>
    /// <param name="other">The other process.</param>
    /// <param name="note">Its events, from the id of the new one.</param>
    /// <param name="cancellationToken">Only before it is begun.</param>
    internal async ValueTask<ProcessRecord> AddProcessAsync(
        ProcessRecord process, IReadOnlyList<JournalEvent> events, long other, Func<long, IReadOnlyList<JournalEvent>> note,
        CancellationToken cancellationToken)
    {
        var now = _timeProvider.GetUtcNow();
        process = process with { Created = now, Changed = now };
        var pending = new Pending(process, 0, [new Spawned(process.Program), .. events]) { Note = (other, note) };
        return process with { Id = await EnqueueAsync(pending, cancellationToken) };
    }

    /// <inheritdoc cref="AddProcessAsync(ProcessRecord, IReadOnlyList{JournalEvent}, CancellationToken)"/>
    public ValueTask<ProcessRecord> AddProcessAsync(ProcessRecord process, CancellationToken cancellationToken = default) =>
        AddProcessAsync(process, [], cancellationToken);

    /// <summary>Forgets processes with all their events, which cannot be taken back.</summary>
    /// <param name="processes">Children before their parents; those that are not there are passed over.</param>
    /// <param name="cancellationToken">Before it is begun.</param>
    /// <exception cref="NoosException">It cannot be written; nothing was.</exception>
    public async ValueTask DeleteAsync(IReadOnlyList<long> processes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(processes);
        await EnqueueAsync(new Pending(Process: null, 0, []) { Deleted = processes }, cancellationToken);
    }

    /// <summary>
    /// Ends a permission whose process is forgotten; one that was decided in a process is ended there, by a
    /// <see cref="PermissionRevoked"/>.
    /// </summary>
    /// <exception cref="NoosException">It cannot be written; nothing was.</exception>
    public async ValueTask RevokeAsync(long permission, CancellationToken cancellationToken = default) =>
        await EnqueueAsync(new Pending(Process: null, 0, []) { Revoked = permission }, cancellationToken);

    /// <summary>Keeps what a person has decided without being asked; an answer to a question is an <see cref="ApprovalDecided"/>.</summary>
    /// <exception cref="NoosException">It cannot be written; nothing was.</exception>
    public async ValueTask AddPermissionAsync(PermissionRule permission, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(permission);
        await EnqueueAsync(new Pending(Process: null, 0, []) { Decided = permission }, cancellationToken);
    }

    /// <summary>Forgets all that was ever thought of an answer but what was said last, which cannot be taken back.</summary>
    /// <exception cref="NoosException">It cannot be written; nothing was.</exception>
    internal async ValueTask ForgetFeedbackAsync(long process, long answer, CancellationToken cancellationToken) =>
        await EnqueueAsync(new Pending(Process: null, 0, []) { ForgottenFeedback = (process, answer) }, cancellationToken);

    /// <summary>Appends events of a process, all or none. When this completes they are on the disk.</summary>
    /// <returns>The id of the last one; ids grow in the order of appends.</returns>
    /// <exception cref="NoosException">They cannot be written (disk full: OutOfMemory); none was.</exception>
    public ValueTask<long> AppendAsync(long process, IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        return events.Count == 0
            ? throw new ArgumentException("There must be at least one event.", nameof(events))
            : EnqueueAsync(new Pending(Process: null, process, events), cancellationToken);
    }

    /// <inheritdoc cref="AppendAsync(long, IReadOnlyList{JournalEvent}, CancellationToken)"/>
    public ValueTask<long> AppendAsync(long process, JournalEvent happened, CancellationToken cancellationToken = default) =>
        AppendAsync(process, [happened], cancellationToken);

    /// <summary>Writes what is left, folds the log into the file, and lets go of the home.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _pending.Writer.Complete();
        await Task.Run(_thread.Join);
        _reader.Dispose();
        await _writer.DisposeAsync();
        await _lock.DisposeAsync();
    }

    internal static FileStream Hold(string home)
    {
        try
        {
            PrivateFolder.Create(home);
            return new FileStream(
                System.IO.Path.Combine(home, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            throw new NoosException(
                ErrorKind.Busy, $"Another Noos holds the home '{home}'; stop it, or set NOOS_HOME to another folder.", e);
        }
        catch (IOException e) when (e.HResult is NoSpace or NoSpaceWindows)
        {
            throw new NoosException(ErrorKind.OutOfMemory, $"The disk with the home '{home}' is full; make room, then ask again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(
                ErrorKind.Refused, $"The home '{home}' cannot be written; give this user the right to, or set NOOS_HOME to another folder.",
                e);
        }
    }

    // EWOULDBLOCK of Linux and macOS, ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION of Windows.
    static bool IsHeldByAnother(IOException e) =>
        e.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);

    static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows() || File.Exists(path))
        {
            return;
        }

        try
        {
            new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What hinders it SQLite says better.
        }
    }

    async ValueTask<long> EnqueueAsync(Pending pending, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(!_pending.Writer.TryWrite(pending), this);
        return await pending.Written.Task;
    }

    /// <summary>The writing thread: everything that waits goes into one transaction, so that one flush serves all.</summary>
    void Write()
    {
        using var statements = new JournalStatements(_writer);
        var batch = new List<Pending>();
        while (_pending.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            batch.Clear();
            if (_pending.Reader.TryPeek(out var first) && first.IsText)
            {
                // Other runs write theirs with the same beat.
                Thread.Sleep(s_gathering);
            }

            while (_pending.Reader.TryRead(out var next))
            {
                batch.Add(next);
            }

            if (!TryWrite(statements, batch) && batch.Count > 1)
            {
                // One by one: an append that cannot be written must not fail its neighbours.
                batch.ForEach(one => TryWrite(statements, [one]));
            }
        }
    }

    bool TryWrite(JournalStatements statements, List<Pending> batch)
    {
        var results = new long[batch.Count];
        try
        {
            using var transaction = _writer.BeginTransaction(deferred: false);
            statements.Begin(transaction);
            for (var i = 0; i < batch.Count; i++)
            {
                results[i] = Insert(statements, batch[i]);
            }

            transaction.Commit();
        }
#pragma warning disable CA1031 // Whatever it is must reach the one who appends, and not end the thread that serves all.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (batch.Count == 1)
            {
                var error = e is SqliteException database ? JournalErrors.From(database, Path) : e;
                if (error is not NoosException { Kind: ErrorKind.NotFound })
                {
                    Log.JournalFailed(_logger, error.Message);
                }

                batch[0].Written.TrySetException(error is NoosException
                    ? error
                    : new NoosException(ErrorKind.Internal, $"The journal '{Path}' cannot be used: {error.Message}", error));
            }

            return false;
        }

        for (var i = 0; i < batch.Count; i++)
        {
            batch[i].Written.TrySetResult(results[i]);
        }

        return true;
    }

    long Insert(JournalStatements statements, Pending pending)
    {
        if (pending.Decided is { } rule)
        {
            statements.AddPermission(rule, process: null, _timeProvider.GetUtcNow());
        }

        if (pending.Revoked is { } permission)
        {
            statements.Revoke(permission, _timeProvider.GetUtcNow());
        }

        if (pending.ForgottenFeedback is var (judgedIn, answer))
        {
            statements.ForgetFeedback(judgedIn, answer);
        }

        foreach (var deleted in pending.Deleted)
        {
            statements.Delete(deleted);
        }

        var process = pending.Process is { } added ? statements.Add(added) : pending.ProcessId;
        var now = _timeProvider.GetUtcNow();
        var last = 0L;
        foreach (var happened in pending.Events)
        {
            last = statements.Add(process, happened, now);
        }

        if (pending.Note is var (other, note))
        {
            foreach (var happened in note(process))
            {
                statements.Add(other, happened, now);
            }
        }

        return pending.Process is null ? last : process;
    }

    /// <summary>What waits to be written.</summary>
    /// <param name="Process">To be added before its events; null for one that is there.</param>
    /// <param name="ProcessId">Whose events.</param>
    /// <param name="Events">In their order.</param>
    sealed record Pending(ProcessRecord? Process, long ProcessId, IReadOnlyList<JournalEvent> Events)
    {
        /// <summary>What a person has decided without being asked.</summary>
        public PermissionRule? Decided { get; init; }

        /// <summary>A permission to end.</summary>
        public long? Revoked { get; init; }

        /// <summary>The answer of a process of which only the last feedback is to be kept.</summary>
        public (long Process, long Answer)? ForgottenFeedback { get; init; }

        /// <summary>Processes to forget.</summary>
        public IReadOnlyList<long> Deleted { get; init; } = [];

        /// <summary>Events of another process, from the id of the one that is added.</summary>
        public (long Process, Func<long, IReadOnlyList<JournalEvent>> Events)? Note { get; init; }

        /// <summary>Text of a run that goes on, and nothing else.</summary>
        public bool IsText => Events is [Wrote];

        public TaskCompletionSource<long> Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
