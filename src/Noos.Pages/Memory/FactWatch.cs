using Noos.Core;
using Noos.Pages.Hosting;

namespace Noos.Pages.Memory;

/// <summary>
/// Sees every second whether something is remembered, changed or forgotten, by whichever program of the home; while somebody watches, once
/// for all who do. Thread-safe.
/// </summary>
sealed class FactWatch : IDisposable
{
    static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    readonly PageFacts _facts;
    readonly WatchTimer _timer;
    string? _stamp;

    public FactWatch(PageFacts facts, TimeProvider time) => (_facts, _timer) = (facts, new WatchTimer(time, s_interval, Look));

    /// <summary>Calls whenever a fact of anybody is another, until the result is disposed.</summary>
    /// <param name="changed">Called on any thread, and must not wait.</param>
    public IDisposable Watch(Action changed) => _timer.Watch(changed);

    public void Dispose() => _timer.Dispose();

    void Look()
    {
        try
        {
            var stamp = _facts.Store.ReadStamp();
            if (Interlocked.Exchange(ref _stamp, stamp) != stamp)
            {
                _timer.Notify();
            }
        }
        catch (NoosException)
        {
            // The next look will tell.
        }
    }
}
