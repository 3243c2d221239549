using System.Globalization;
using System.Net;

namespace Noos.Core.Network;

/// <summary>What requests that leave the machine may do.</summary>
public sealed record EgressOptions
{
    /// <summary>
    /// For one service that a person or the administrator has named: its host and port are exempt, wherever they are; neither time nor
    /// length is limited, since answers of models stream for minutes and files have gigabytes. Everything else as always: another host, by
    /// a redirect for one, must be public.
    /// </summary>
    public static EgressOptions ForService(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new EgressOptions
        {
            PrivateHosts = [HostAndPort(address)],
            MaxResponseBytes = long.MaxValue,
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
            Unpacks = false,
        };
    }

    /// <summary>An address as <see cref="PrivateHosts"/> names it.</summary>
    public static string HostAndPort(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var host = address.IdnHost.TrimEnd('.');
        return string.Create(CultureInfo.InvariantCulture, $"{(host.Contains(':') ? $"[{host}]" : host)}:{address.Port}");
    }

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

    /// <summary>
    /// Redirects are followed here. False hands them to the caller, who sends a new request, with all checks, or none.
    /// </summary>
    public bool FollowsRedirects { get; init; } = true;

    /// <summary>
    /// A request whose connection ends before a byte of an answer came may be sent again on another one, as HTTP allows; false where each
    /// request is counted by who gets it.
    /// </summary>
    public bool Reconnects { get; init; } = true;

    /// <summary>
    /// Requests go through the proxy of the system where it has one (<c>HTTPS_PROXY</c>), which may be the only way out of a company's
    /// network. The proxy then resolves names, so only what is said of an address before that can be checked here: its spelling, and its
    /// addresses where this machine can resolve it. Not for what models open.
    /// </summary>
    public bool UsesSystemProxy { get; init; }

    /// <summary>How many redirects are followed.</summary>
    public int MaxRedirects { get; init; } = 5;

    /// <summary>Longest content of a response in bytes, unpacked.</summary>
    public long MaxResponseBytes { get; init; } = 20 << 20;

    /// <summary>
    /// Packed content is asked for and unpacked; false where ranges of files are fetched, which are ranges of what is sent.
    /// </summary>
    public bool Unpacks { get; init; } = true;

    /// <summary>
    /// How long a request may take, redirects and the reading of the content included; infinite where only silence is to end it.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may take to come about.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Turns a name into addresses; null for the system's resolver.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>>? Resolve { get; init; }
}
