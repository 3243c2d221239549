namespace Noos.Pages.Hosting;

/// <summary>
/// Ticks while somebody watches, once for all who do; else it costs nothing. A tick that takes longer than the interval is not overtaken by
/// the next. Thread-safe.
/// </summary>
sealed class WatchTimer : IDisposable
{
    readonly ITimer _timer;
    readonly TimeSpan _interval;
    readonly Action _tick;
    readonly Lock _lock = new();
    readonly List<Action> _watchers = [];
    int _isTicking;

    /// <param name="time">The clock.</param>
    /// <param name="interval">Between two ticks.</param>
    /// <param name="tick">Looks whether something has changed; on any thread, never two at once.</param>
    public WatchTimer(TimeProvider time, TimeSpan interval, Action tick)
    {
        (_interval, _tick) = (interval, tick);
        _timer = time.CreateTimer(_ => Tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool IsWatched
    {
        get
        {
            lock (_lock)
            {
                return _watchers.Count > 0;
            }
        }
    }

    /// <summary>Ticks until the result is disposed.</summary>
    /// <param name="changed">Called by <see cref="Notify"/>, and must not wait.</param>
    public IDisposable Watch(Action changed)
    {
        lock (_lock)
        {
            _watchers.Add(changed);
            if (_watchers.Count == 1)
            {
                _timer.Change(_interval, _interval);
            }
        }

        return new Watcher(this, changed);
    }

    /// <summary>Tells all who watch.</summary>
    public void Notify()
    {
        Action[] watchers;
        lock (_lock)
        {
            watchers = [.. _watchers];
        }

        Array.ForEach(watchers, watcher => watcher());
    }

    public void Dispose() => _timer.Dispose();

    void Tick()
    {
        if (Interlocked.Exchange(ref _isTicking, 1) != 0)
        {
            return;
        }

        try
        {
            _tick();
        }
        finally
        {
            Volatile.Write(ref _isTicking, 0);
        }
    }

    sealed class Watcher(WatchTimer timer, Action changed) : IDisposable
    {
        public void Dispose()
        {
            lock (timer._lock)
            {
                if (timer._watchers.Remove(changed) && timer._watchers.Count == 0)
                {
                    timer._timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                }
            }
        }
    }
}
