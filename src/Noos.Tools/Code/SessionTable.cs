using Noos.Core.Conversations;
using Noos.Tools.Code.Sandboxing;

namespace Noos.Tools.Code;

/// <summary>
/// The sessions of one language, one for each process. Those that are idle are ended, and beyond a number the one that was not used for
/// longest. Thread-safe.
/// </summary>
/// <param name="options">Times and numbers.</param>
/// <param name="startAsync">Makes a session for a folder.</param>
sealed class SessionTable(CodeOptions options, Func<ConversationFolder, CancellationToken, Task<ICodeSession>> startAsync)
    : IAsyncDisposable
{
    readonly Lock _lock = new();
    readonly Dictionary<string, CodeSessionSlot> _slots = new(StringComparer.Ordinal);
    ITimer? _timer;
    bool _isDisposed;

    /// <summary>The place of a process, made where it is new. Whoever uses it holds its lock.</summary>
    public CodeSessionSlot Get(string process, string? folder, TimeProvider timeProvider)
    {
        CodeSessionSlot? surplus = null;
        CodeSessionSlot slot;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _timer ??= timeProvider.CreateTimer(_ => EndIdle(timeProvider), null, options.IdleTime / 4, options.IdleTime / 4);
            if (!_slots.TryGetValue(process, out slot!))
            {
                slot = _slots[process] = new CodeSessionSlot(folder, options.Sandbox.StageFolder);
            }

            slot.LastUse = timeProvider.GetUtcNow();
            if (_slots.Values.Count(one => one.HasSession) > options.MaxSessions)
            {
                surplus = _slots.Values.Where(one => one != slot && one.HasSession && one.IsFree).MinBy(one => one.LastUse);
            }
        }

        surplus?.TryEnd("others needed the room");
        return slot;
    }

    /// <summary>The session of a slot, started where there is none.</summary>
    public async Task<ICodeSession> StartAsync(CodeSessionSlot slot, CancellationToken cancellationToken) =>
        slot.Session = await startAsync(slot.Folder, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        CodeSessionSlot[] slots;
        lock (_lock)
        {
            _isDisposed = true;
            slots = [.. _slots.Values];
            _slots.Clear();
            _timer?.Dispose();
        }

        foreach (var slot in slots)
        {
            await slot.DisposeAsync();
        }
    }

    void EndIdle(TimeProvider timeProvider)
    {
        CodeSessionSlot[] idle;
        lock (_lock)
        {
            var before = timeProvider.GetUtcNow() - options.IdleTime;
            idle = [.. _slots.Values.Where(slot => slot.LastUse < before && slot.IsFree)];
            foreach (var gone in _slots.Where(pair => !pair.Value.HasSession && pair.Value.LastUse < before - options.IdleTime).ToArray())
            {
                // Of a process without a folder nothing is left that it could come back to.
                if (gone.Value.IsTemporary && _slots.Remove(gone.Key))
                {
                    gone.Value.RemoveFolder();
                }
            }
        }

        foreach (var slot in idle)
        {
            slot.TryEnd("it was not used for a while");
        }
    }
}

/// <summary>The place of one process: its session, and what is known of its folder.</summary>
sealed class CodeSessionSlot : IAsyncDisposable
{
    ICodeSession? _session;

    /// <param name="folder">The folder of the process; null makes a temporary one.</param>
    /// <param name="temporaryRoot">Where.</param>
    public CodeSessionSlot(string? folder, string temporaryRoot)
    {
        IsTemporary = folder is null;
        var path = folder ?? Path.Combine(temporaryRoot, $"noos-files-{Guid.NewGuid():N}");
        FileModes.CreateFolder(path, FileModes.Private);
        Folder = new ConversationFolder(path);
    }

    /// <summary>Held while a cell runs.</summary>
    public SemaphoreSlim Lock { get; } = new(1);

    public ConversationFolder Folder { get; }

    /// <summary>The folder ends with the slot.</summary>
    public bool IsTemporary { get; }

    /// <summary>The living session; null where there is none yet, or none any more.</summary>
    public ICodeSession? Session
    {
        get => Volatile.Read(ref _session);
        set => Volatile.Write(ref _session, value);
    }

    public bool HasSession => Session is not null;

    public bool IsFree => Lock.CurrentCount > 0;

    public DateTimeOffset LastUse { get; set; }

    /// <summary>Why the last session ended; null while the model knows it, or there was none.</summary>
    public string? LostBecause { get; set; }

    /// <summary>The least trusted origin of what variables and files come from; null while all of it can be trusted.</summary>
    public Origin? Taint { get; set; }

    /// <summary>What the folder held after the last cell.</summary>
    public Dictionary<string, FileStatus> Files { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Ends the session unless a cell is running.</summary>
    public void TryEnd(string reason)
    {
        if (!Lock.Wait(0))
        {
            return;
        }

        try
        {
            if (Session is { } session)
            {
                (Session, LostBecause) = (null, reason);
                _ = session.DisposeAsync().AsTask();
            }
        }
        finally
        {
            Lock.Release();
        }
    }

    public void RemoveFolder()
    {
        if (IsTemporary && Directory.Exists(Folder.Path))
        {
            Directory.Delete(Folder.Path, recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Session is { } session)
        {
            await session.DisposeAsync();
        }

        RemoveFolder();
    }
}
