using Noos.Corpus.Crawling.Scheduling;

namespace Noos.Corpus.Crawling;

/// <summary>What has happened so far, and the bell that wakes the scheduler. Thread-safe.</summary>
sealed class CrawlCounters : IDisposable
{
    readonly SemaphoreSlim _bell = new(0, 1);
    readonly Lock _lock = new();
    long _fetchedBefore;
    long _fetched;
    long _requests;
    long _queued;
    long _discovered;
    long _underWay;

    public void Begin(Dictionary<PageState, long> counts)
    {
        _fetchedBefore = counts.GetValueOrDefault(PageState.Fetched);
        _queued = counts.GetValueOrDefault(PageState.Queued);
        _discovered = counts.Values.Sum();
    }

    /// <summary>Whether one more page may be fetched, those that are being fetched counted.</summary>
    public bool MayBegin(long maxPages)
    {
        lock (_lock)
        {
            return _fetchedBefore + _fetched + _underWay < maxPages;
        }
    }

    /// <summary>Counts a page that is to be fetched, unless there are enough.</summary>
    public bool TryBegin(long maxPages)
    {
        lock (_lock)
        {
            var isFree = _fetchedBefore + _fetched + _underWay < maxPages;
            _underWay += isFree ? 1 : 0;
            return isFree;
        }
    }

    /// <summary>A page that was counted will not be written.</summary>
    public void PageEnded()
    {
        lock (_lock)
        {
            _underWay--;
        }
    }

    public void RequestSent()
    {
        Telemetry.CrawlRequests.Add(1);
        Interlocked.Increment(ref _requests);
    }

    public void Written(List<VisitOutcome> group, int added)
    {
        lock (_lock)
        {
            _discovered += added;
            _queued += added;
            _underWay -= group.Count(outcome => outcome.HasBegun);
            foreach (var page in group.SelectMany(outcome => outcome.Pages))
            {
                _queued -= page.State == PageState.Queued ? 0 : 1;
                if (page.State == PageState.Fetched)
                {
                    _fetched++;
                    Telemetry.PagesFetched.Add(1);
                }
            }
        }
    }

    public CrawlProgress Read(int hosts, int underWay, long bytes, TimeSpan elapsed)
    {
        lock (_lock)
        {
            return new CrawlProgress(_fetched, Interlocked.Read(ref _requests), bytes, _queued, _discovered, hosts, underWay, elapsed);
        }
    }

    public void Wake()
    {
        lock (_lock)
        {
            if (_bell.CurrentCount == 0)
            {
                _bell.Release();
            }
        }
    }

    public void Dispose() => _bell.Dispose();

    public async Task WaitAsync(TimeSpan wait, TimeProvider timeProvider)
    {
        using var stop = new CancellationTokenSource(wait, timeProvider);
        try
        {
            await _bell.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Nobody rang.
        }
    }
}
