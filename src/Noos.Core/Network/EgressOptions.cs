using System.Net;

namespace Noos.Core.Network;

/// <summary>What requests that leave the machine may do.</summary>
public sealed record EgressOptions
{
    /// <summary>
    /// Hosts that may be reached although their addresses are not public, or their port is not one of <see cref="Ports"/>, each as
    /// <c>host:port</c>, <c>*.domain:port</c> or <c>[::1]:port</c>. Compared by name: whatever the name resolves to is reached.
    /// </summary>
    public IReadOnlyList<string> PrivateHosts { get; init; } = [];

    /// <summary>
    /// The names of this machine (localhost, 127.0.0.1, [::1]) are reached at every port: for requests that a program on it may lead
    /// onwards, which it could make itself.
    /// </summary>
    public bool AllowsLoopback { get; init; }

    /// <summary>Ports of all other hosts.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [80, 443];

    /// <summary>How many redirects are followed.</summary>
    public int MaxRedirects { get; init; } = 5;

    /// <summary>Longest content of a response in bytes, unpacked.</summary>
    public long MaxResponseBytes { get; init; } = 20 << 20;

    /// <summary>How long a request may take, redirects and the reading of the content included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may take to come about.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Turns a name into addresses; null for the system's resolver.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>>? Resolve { get; init; }
}
