using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Noos.Core.Network;
using Noos.Corpus.Crawling.Scheduling;

namespace Noos.Corpus.Crawling.Fetching;

/// <summary>
/// Turns names into addresses and remembers them for a while: what is connected to is then what the pause between requests was kept for.
/// Thread-safe.
/// </summary>
/// <param name="resolve">Asks for the addresses of a name; null for the system's resolver.</param>
/// <param name="lifetime">How long an answer counts.</param>
/// <param name="timeProvider">Says how old an answer is.</param>
public sealed class NameResolver(
    Func<string, CancellationToken, Task<IPAddress[]>>? resolve, TimeSpan lifetime, TimeProvider? timeProvider = null)
{
    // Old answers are cleared when there are so many.
    const int MaxNames = 50_000;

    readonly CrawlClock _clock = new(timeProvider ?? TimeProvider.System);
    readonly ConcurrentDictionary<string, (IPAddress[] Addresses, long Until)> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The addresses of a name.</summary>
    /// <exception cref="SocketException">It has none.</exception>
    public async Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        if (_names.TryGetValue(name, out var known) && known.Until > _clock.Now)
        {
            return known.Addresses;
        }

        var addresses = await (resolve ?? EgressGuard.ResolveBySystemAsync)(name, cancellationToken);
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        if (_names.Count > MaxNames)
        {
            _names.Clear();
        }

        _names[name] = (addresses, _clock.After(lifetime));
        return addresses;
    }

    /// <summary>The first address of a name, for the pause between requests; null where it has none.</summary>
    internal async Task<string?> FindAddressAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return literal.ToString();
        }

        try
        {
            return (await ResolveAsync(host, cancellationToken))[0].ToString();
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return null;
        }
    }
}
