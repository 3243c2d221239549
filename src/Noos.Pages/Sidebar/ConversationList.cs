using Noos.Core;
using Noos.Kernel.Processes;
using Noos.Pages.Hosting;

namespace Noos.Pages.Sidebar;

/// <summary>
/// The conversations as the sidebar lists them. While somebody looks it sees every second whether something has changed, once for all who
/// look. Thread-safe.
/// </summary>
sealed class ConversationList : IDisposable
{
    // Older ones are found by searching.
    const int MaxListed = 500;

    static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    readonly PageProcesses _processes;
    readonly ConversationMarks _marks;
    readonly ITimer _timer;
    readonly Lock _lock = new();
    readonly List<Action> _watchers = [];
    int _seen;

    public ConversationList(PageProcesses processes, ConversationMarks marks, TimeProvider time)
    {
        (_processes, _marks) = (processes, marks);
        _timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Those of a person, the one that changed last first.</summary>
    /// <param name="owner">Who; null for everybody's.</param>
    public IReadOnlyList<ListedConversation> Read(string? owner) => !_processes.Exist ? [] :
    [
        .. _processes.Table.List(new ProcessFilter
        {
            Kind = ProcessKind.Conversation,
            IncludesEnded = true,
            Owner = owner,
            Limit = MaxListed,
        })
            .Where(process => process.Parent is null)
            .Select(process => new ListedConversation(process, _marks.Find(process.Id))),
    ];

    /// <summary>Notes something of a conversation, and tells everybody.</summary>
    public void Mark(long process, Func<ConversationMark, ConversationMark> change)
    {
        _marks.Change(process, change);
        Tell();
    }

    /// <summary>Forgets a conversation for ever.</summary>
    public async Task DeleteAsync(long process)
    {
        await _processes.Table.DeleteAsync(process);
        _marks.Forget(process);
        Tell();
    }

    /// <summary>Calls whenever the list may be another, until the result is disposed.</summary>
    public IDisposable Watch(Action changed)
    {
        lock (_lock)
        {
            _watchers.Add(changed);
            if (_watchers.Count == 1)
            {
                _timer.Change(s_interval, s_interval);
            }
        }

        return new Watcher(this, changed);
    }

    /// <summary>Something has changed: nobody need wait for the next look.</summary>
    public void Tell()
    {
        Action[] watchers;
        lock (_lock)
        {
            watchers = [.. _watchers];
        }

        Array.ForEach(watchers, watcher => watcher());
    }

    public void Dispose() => _timer.Dispose();

    void Look()
    {
        var seen = new HashCode();
        try
        {
            foreach (var listed in Read(owner: null))
            {
                // Not when it changed: while an answer is written that is all the time.
                seen.Add((listed.Process.Id, listed.Process.Title, listed.Process.State));
            }
        }
        catch (Exception e) when (e is NoosException or ObjectDisposedException)
        {
            // The next look will tell.
            return;
        }

        var now = seen.ToHashCode();
        if (Interlocked.Exchange(ref _seen, now) != now)
        {
            Tell();
        }
    }

    sealed class Watcher(ConversationList list, Action changed) : IDisposable
    {
        public void Dispose()
        {
            lock (list._lock)
            {
                list._watchers.Remove(changed);
                if (list._watchers.Count == 0)
                {
                    list._timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                }
            }
        }
    }
}

/// <param name="Process">The conversation.</param>
/// <param name="Mark">What is noted of it.</param>
public sealed record ListedConversation(ProcessRecord Process, ConversationMark Mark)
{
    public string Title => Process.Title is { Length: > 0 } title ? title : "New chat";

    /// <summary>An answer is being written.</summary>
    public bool IsBusy => Process.IsDue;
}
