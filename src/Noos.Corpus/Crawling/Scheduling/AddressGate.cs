namespace Noos.Corpus.Crawling.Scheduling;

/// <summary>
/// One request at a time to an IP address, and a pause after each: many names lead to one machine, and its owner sees the sum. Thread-safe.
/// </summary>
sealed class AddressGate(CrawlClock clock) : IRequestGate
{
    // Old entries are cleared when there are so many.
    const int MaxIdle = 10_000;
    const long MinStep = 20;

    readonly Dictionary<string, Entry> _addresses = new(StringComparer.Ordinal);
    readonly Lock _lock = new();

    public bool TryEnter(string name, TimeSpan delay, out long freeAt)
    {
        lock (_lock)
        {
            var now = clock.Now;
            if (_addresses.TryGetValue(name, out var entry) && (entry.IsBusy || entry.NextAt > now))
            {
                // How long a request takes nobody knows. Those who wait are told times one after the other, so that a thousand names of
                // one machine do not all ask again at once.
                var step = Math.Max(MinStep, (long)delay.TotalMilliseconds);
                freeAt = Math.Max(entry.PromisedAt, Math.Max(now, entry.NextAt)) + step;
                _addresses[name] = entry with { PromisedAt = freeAt };
                return false;
            }

            _addresses[name] = entry with { IsBusy = true, NextAt = 0 };
            freeAt = now;
            return true;
        }
    }

    public void Leave(string name, TimeSpan delay)
    {
        lock (_lock)
        {
            var entry = _addresses.GetValueOrDefault(name);
            _addresses[name] = entry with { IsBusy = false, NextAt = delay > TimeSpan.Zero ? clock.After(delay) : 0 };
            if (_addresses.Count > MaxIdle)
            {
                var now = clock.Now;
                foreach (var (idle, _) in _addresses.Where(pair => !pair.Value.IsBusy && pair.Value.NextAt <= now).ToArray())
                {
                    _addresses.Remove(idle);
                }
            }
        }
    }

    readonly record struct Entry(bool IsBusy, long NextAt, long PromisedAt);
}
