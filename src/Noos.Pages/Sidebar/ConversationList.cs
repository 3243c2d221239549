using Noos.Core;
using Noos.Kernel.Processes;
using Noos.Pages.Hosting;

namespace Noos.Pages.Sidebar;

/// <summary>
/// The conversations as the sidebar lists them: while tabs of a person are open the list is read once a second for all of them, and they
/// are told only when it is another. Thread-safe.
/// </summary>
sealed class ConversationList : IDisposable
{
    // Older ones are found by searching.
    const int MaxListed = 500;

    // Nobody has this name.
    const string Everybody = "";

    static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    readonly PageProcesses _processes;
    readonly ConversationMarks _marks;
    readonly ITimer _timer;
    readonly Lock _lock = new();
    readonly Dictionary<string, WatchedList> _watched = new(StringComparer.Ordinal);
    long _reads;
    int _isLooking;

    public ConversationList(PageProcesses processes, ConversationMarks marks, TimeProvider time)
    {
        (_processes, _marks) = (processes, marks);
        _timer = time.CreateTimer(_ => LookInTime(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How often the journal was read for it.</summary>
    internal long Reads => Interlocked.Read(ref _reads);

    /// <summary>
    /// Those of a person, the one that changed last first; one that is being answered keeps its place. The same list for all who watch,
    /// until it is another.
    /// </summary>
    /// <param name="owner">Who; null for everybody's.</param>
    /// <exception cref="NoosException">The journal cannot be read.</exception>
    public IReadOnlyList<ListedConversation> Read(string? owner)
    {
        WatchedList? watched;
        lock (_lock)
        {
            watched = _watched.GetValueOrDefault(owner ?? Everybody);
        }

        if (watched is null)
        {
            return Query(owner, []);
        }

        lock (watched.Looking)
        {
            return watched.Latest ??= Query(owner, watched.Places);
        }
    }

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

    /// <summary>Calls whenever the list of a person is another, until the result is disposed.</summary>
    /// <param name="owner">Who; null for everybody's.</param>
    /// <param name="changed">Called on any thread, and must not wait.</param>
    public IDisposable Watch(string? owner, Action changed)
    {
        lock (_lock)
        {
            if (_watched.Count == 0)
            {
                _timer.Change(s_interval, s_interval);
            }

            if (!_watched.TryGetValue(owner ?? Everybody, out var watched))
            {
                _watched[owner ?? Everybody] = watched = new WatchedList(owner);
            }

            watched.Watchers.Add(changed);
            return new Watcher(this, watched, changed);
        }
    }

    /// <summary>Something has changed: nobody need wait for the next look.</summary>
    public void Tell()
    {
        WatchedList[] all;
        lock (_lock)
        {
            all = [.. _watched.Values];
        }

        foreach (var watched in all)
        {
            Look(watched);
        }
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>A look that takes longer than the interval is not overtaken by the next.</summary>
    void LookInTime()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) == 0)
        {
            try
            {
                Tell();
            }
            finally
            {
                Volatile.Write(ref _isLooking, 0);
            }
        }
    }

    void Look(WatchedList watched)
    {
        try
        {
            lock (watched.Looking)
            {
                var now = Query(watched.Owner, watched.Places);
                if (watched.Latest is { } before && now.SequenceEqual(before))
                {
                    return;
                }

                watched.Latest = now;
            }
        }
        catch (Exception e) when (e is NoosException or ObjectDisposedException)
        {
            // The next look will tell.
            return;
        }

        Action[] watchers;
        lock (_lock)
        {
            watchers = [.. watched.Watchers];
        }

        Array.ForEach(watchers, changed => changed());
    }

    IReadOnlyList<ListedConversation> Query(string? owner, Dictionary<long, Place> places)
    {
        if (!_processes.Exist)
        {
            return [];
        }

        Interlocked.Increment(ref _reads);
        var listed = new List<ListedConversation>();
        var known = new Dictionary<long, Place>(places);
        places.Clear();
        foreach (var process in _processes.Table.List(new ProcessFilter
        {
            Kind = ProcessKind.Conversation,
            IncludesEnded = true,
            Owner = owner,
            Limit = MaxListed,
        }))
        {
            if (process.Parent is null)
            {
                var place = places[process.Id] = Place.After(known.TryGetValue(process.Id, out var before) ? before : null, process);
                listed.Add(new ListedConversation(
                    process.Id, process.Title is { Length: > 0 } title ? title : "New chat", process.IsDue, place.Time,
                    _marks.Find(process.Id)));
            }
        }

        return [.. listed.OrderByDescending(one => one.Changed).ThenByDescending(one => one.Id)];
    }

    /// <summary>What the tabs of one person see.</summary>
    sealed class WatchedList(string? owner)
    {
        public string? Owner => owner;

        /// <summary>Held while the journal is read, and guards what was read.</summary>
        public Lock Looking { get; } = new();

        public IReadOnlyList<ListedConversation>? Latest { get; set; }

        public Dictionary<long, Place> Places { get; } = [];

        public List<Action> Watchers { get; } = [];
    }

    /// <summary>Where a conversation stands. Every piece of an answer changes its process, and must not move it.</summary>
    /// <param name="Time">Of its last change that counts.</param>
    /// <param name="Seen">Of the last change of its process.</param>
    /// <param name="IsBusy">It was being answered then.</param>
    readonly record struct Place(DateTimeOffset Time, DateTimeOffset Seen, bool IsBusy)
    {
        public static Place After(Place? before, ProcessRecord process) => new(
            before is { } place && (place.IsBusy || place.Seen == process.Changed) ? place.Time : process.Changed, process.Changed,
            process.IsDue);
    }

    sealed class Watcher(ConversationList list, WatchedList watched, Action changed) : IDisposable
    {
        public void Dispose()
        {
            lock (list._lock)
            {
                if (watched.Watchers.Remove(changed) && watched.Watchers.Count == 0)
                {
                    list._watched.Remove(watched.Owner ?? Everybody);
                }

                if (list._watched.Count == 0)
                {
                    list._timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                }
            }
        }
    }
}

/// <summary>A conversation in the list.</summary>
/// <param name="Id">Of its process.</param>
/// <param name="Title">What it is called.</param>
/// <param name="IsBusy">An answer is being written.</param>
/// <param name="Changed">When something was said last.</param>
/// <param name="Mark">What is noted of it.</param>
public sealed record ListedConversation(long Id, string Title, bool IsBusy, DateTimeOffset Changed, ConversationMark Mark);
