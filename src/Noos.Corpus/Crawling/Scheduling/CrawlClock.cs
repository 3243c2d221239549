namespace Noos.Corpus.Crawling.Scheduling;

/// <summary>Milliseconds since 1970 that never go back: a clock that is set must not make a host wait less.</summary>
sealed class CrawlClock(TimeProvider timeProvider)
{
    readonly long _start = timeProvider.GetUtcNow().ToUnixTimeMilliseconds();
    readonly long _timestamp = timeProvider.GetTimestamp();

    public TimeProvider TimeProvider => timeProvider;

    public long Now => _start + (long)timeProvider.GetElapsedTime(_timestamp).TotalMilliseconds;

    /// <summary>The time after a wait, rounded up, so that nothing comes a fraction of a millisecond early.</summary>
    public long After(TimeSpan wait) => Now + (long)Math.Ceiling(Math.Min(wait.TotalMilliseconds, 1e14)) + 1;

    public Task DelayAsync(TimeSpan wait, CancellationToken cancellationToken) => Task.Delay(wait, timeProvider, cancellationToken);
}
