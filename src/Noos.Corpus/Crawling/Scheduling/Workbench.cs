namespace Noos.Corpus.Crawling.Scheduling;

/// <summary>
/// The hosts that have pages, by the time at which the next request may be sent. A host that was taken is nobody else's until it is given
/// back. Memory grows with the hosts that have pages, not with the pages. Thread-safe.
/// </summary>
sealed class Workbench(FrontierStore store, CrawlClock clock, TimeSpan maxWait)
{
    readonly Dictionary<string, HostState> _hosts = new(StringComparer.Ordinal);
    readonly PriorityQueue<HostState, long> _queue = new();
    readonly Lock _lock = new();
    int _busy;
    int _loadedRules;

    /// <summary>Rules that are kept in memory; those of hosts that are idle go first.</summary>
    const int MaxLoadedRules = 4096;

    /// <summary>Hosts that have pages and were not given up.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count;
            }
        }
    }

    public int Busy => Volatile.Read(ref _busy);

    /// <summary>Begins with the hosts of the file.</summary>
    public void Load()
    {
        lock (_lock)
        {
            foreach (var loaded in store.LoadHosts())
            {
                _hosts.TryAdd(loaded.Origin, loaded);
                var host = _hosts[loaded.Origin];
                host.HasPages = true;
                host.IsGivenUp = host.NextAt - clock.Now > maxWait.TotalMilliseconds;
                if (!host.IsGivenUp)
                {
                    Enqueue(host);
                }
            }
        }
    }

    /// <summary>The state of a host, which gets a row where it has none. For the thread that writes.</summary>
    public HostState GetOrAdd(string origin, string name)
    {
        lock (_lock)
        {
            if (!_hosts.TryGetValue(origin, out var host))
            {
                host = store.FindHost(origin) ?? new HostState(0, origin, name);
                _hosts.Add(origin, host);
            }

            store.EnsureRow(host);
            return host;
        }
    }

    /// <summary>A host has pages now.</summary>
    public void Queue(HostState host)
    {
        lock (_lock)
        {
            if (!host.HasPages && !host.IsGivenUp)
            {
                host.HasPages = true;
                Enqueue(host);
            }
        }
    }

    /// <summary>Takes the host whose time came first.</summary>
    /// <param name="host">That was taken.</param>
    /// <param name="nextAt">Where it fails: when the next one is free; <see cref="long.MaxValue"/> where none is.</param>
    public bool TryTake(out HostState host, out long nextAt)
    {
        lock (_lock)
        {
            while (_queue.TryPeek(out var first, out var at))
            {
                if (first.NextAt > at || first.IsBusy)
                {
                    // Its time was changed by a request that another host's robots.txt led to.
                    Dequeue();
                    Enqueue(first);
                    continue;
                }

                if (at > clock.Now)
                {
                    (host, nextAt) = (first, at);
                    return false;
                }

                Dequeue();
                first.IsBusy = true;
                _busy++;
                (host, nextAt) = (first, at);
                return true;
            }

            (host, nextAt) = (null!, long.MaxValue);
            return false;
        }
    }

    /// <summary>Takes one host for a request that another one's robots.txt leads to.</summary>
    public bool TryTake(string origin, string name, out HostState host)
    {
        lock (_lock)
        {
            // A host without a row has never been asked for anything; it gets its row when the visit is written.
            host = _hosts.GetValueOrDefault(origin) ?? store.FindHost(origin) ?? new HostState(0, origin, name);
            _hosts.TryAdd(origin, host);
            if (host.IsBusy || host.NextAt > clock.Now)
            {
                return false;
            }

            host.IsBusy = true;
            _busy++;
            return true;
        }
    }

    /// <summary>Gives a host back, with the time of its next request in its state.</summary>
    /// <param name="host">That was taken.</param>
    /// <param name="hasPages">Whether there is more to fetch; null where that is as it was.</param>
    public void Release(HostState host, bool? hasPages)
    {
        lock (_lock)
        {
            host.IsBusy = false;
            _busy--;
            host.HasPages = hasPages ?? host.HasPages;
            if (host.HasPages && !host.IsGivenUp)
            {
                Enqueue(host);
            }
            else
            {
                // What is known of it is in the file, but for what counts in this run alone.
                Unload(host);
                if (!host.IsGivenUp)
                {
                    _hosts.Remove(host.Origin);
                }
            }
        }
    }

    /// <summary>Counts rules that were loaded, and drops those of idle hosts when there are too many.</summary>
    public void RulesLoaded()
    {
        lock (_lock)
        {
            if (++_loadedRules > MaxLoadedRules)
            {
                foreach (var idle in _hosts.Values.Where(host => !host.IsBusy))
                {
                    Unload(idle);
                }
            }
        }
    }

    void Enqueue(HostState host)
    {
        if (!host.IsBusy && !host.IsQueued)
        {
            host.IsQueued = true;
            _queue.Enqueue(host, host.NextAt);
        }
    }

    void Dequeue() => _queue.Dequeue().IsQueued = false;

    void Unload(HostState host)
    {
        if (host.Rules is not null)
        {
            host.Rules = null;
            _loadedRules--;
        }
    }
}
