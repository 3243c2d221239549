using Noos.Corpus.Crawling.Fetching;
using Noos.Corpus.Crawling.Scheduling;

namespace Noos.Corpus.Crawling.Rendering;

/// <summary>
/// Scripts that pages have asked for: those of a site are the same for all its pages, and its server is asked for them once in a while
/// only. Bounded; the oldest go first. Thread-safe.
/// </summary>
sealed class RequisiteCache(CrawlClock clock)
{
    const long MaxBytes = 64 << 20;

    static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(10);

    readonly Dictionary<string, (FetchAnswer Answer, long Until)> _answers = new(StringComparer.Ordinal);
    readonly Queue<string> _order = new();
    readonly Lock _lock = new();
    long _bytes;

    public FetchAnswer? Find(string address)
    {
        lock (_lock)
        {
            return _answers.TryGetValue(address, out var known) && known.Until > clock.Now ? known.Answer : null;
        }
    }

    /// <summary>Keeps an answer that may be kept.</summary>
    public void Add(string address, FetchAnswer answer)
    {
        if (answer is not { Status: 200, Capture: { Truncated: null, Response: var response } }
            || response.Headers["Cache-Control"]?.Contains("no-store", StringComparison.OrdinalIgnoreCase) == true)
        {
            return;
        }

        lock (_lock)
        {
            if (_answers.Remove(address, out var old))
            {
                _bytes -= LengthOf(old.Answer);
            }
            else
            {
                _order.Enqueue(address);
            }

            _answers[address] = (answer, clock.After(s_lifetime));
            _bytes += response.Body.Length;
            while (_bytes > MaxBytes && _order.TryDequeue(out var oldest))
            {
                if (_answers.Remove(oldest, out var gone))
                {
                    _bytes -= LengthOf(gone.Answer);
                }
            }
        }
    }

    static int LengthOf(FetchAnswer answer) => answer.Capture!.Response.Body.Length;
}
