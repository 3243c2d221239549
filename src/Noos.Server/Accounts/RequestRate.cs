using System.Collections.Concurrent;

namespace Noos.Server.Accounts;

/// <summary>
/// So many requests per minute for each of many, all at once or one by one (generic cell rate algorithm: one number for each, the time at
/// which all of its requests would have been spread evenly). Thread-safe.
/// </summary>
sealed class RequestRate(TimeProvider timeProvider)
{
    // Whoever asks under so many names is forgotten and begins anew, where memory would grow without end.
    const int MaxNames = 10_000;

    static readonly long s_window = TimeSpan.TicksPerMinute;

    readonly ConcurrentDictionary<string, long> _spread = new(StringComparer.Ordinal);

    /// <summary>Takes one request.</summary>
    /// <param name="who">Who asks.</param>
    /// <param name="perMinute">How many are allowed.</param>
    /// <returns>Null where it is allowed; else how long it must wait.</returns>
    public TimeSpan? Take(string who, int perMinute)
    {
        var now = timeProvider.GetUtcNow().UtcTicks;
        var step = s_window / perMinute;
        if (_spread.Count > MaxNames)
        {
            Prune(now);
        }

        while (true)
        {
            var isKnown = _spread.TryGetValue(who, out var known);
            var spread = Math.Max(known, now);
            if (spread - now > s_window - step)
            {
                return TimeSpan.FromTicks(spread - now - (s_window - step));
            }

            // Another request of the same may have come in between.
            if (isKnown ? _spread.TryUpdate(who, spread + step, known) : _spread.TryAdd(who, spread + step))
            {
                return null;
            }
        }
    }

    void Prune(long now)
    {
        foreach (var (who, spread) in _spread)
        {
            if (spread <= now || _spread.Count > 2 * MaxNames)
            {
                _spread.TryRemove(who, out _);
            }
        }
    }
}
