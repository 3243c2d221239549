using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Noos.Core.Network;

/// <summary>
/// The way out of the machine: HTTP clients that connect to public addresses alone. The address is checked after the name was resolved and
/// connected to as it was checked, so a name that resolves differently the next time gains nothing; every redirect is a new request with
/// all checks. No cookies, no credentials, and no proxy unless the options say so. Refusals are <see cref="NoosException"/>s of kind
/// <see cref="ErrorKind.Refused"/>. Thread-safe.
/// </summary>
public sealed class EgressGuard : IDisposable
{
    // An option of a request that a connection was opened for.
    const string HasConnection = "noos.connected";

    readonly EgressOptions _options;
    readonly TimeProvider _timeProvider;

    // Of the system; null where requests go straight to their host.
    readonly IWebProxy? _proxy;

    // Made with the first request: whoever never sends one does not load HTTP.
    readonly Lazy<HttpMessageInvoker> _connections;

    public EgressGuard(EgressOptions? options = null, TimeProvider? timeProvider = null)
    {
        _options = options ?? new EgressOptions();
        _timeProvider = timeProvider ?? TimeProvider.System;
        _proxy = _options.UsesSystemProxy ? HttpClient.DefaultProxy : null;
        _connections = new Lazy<HttpMessageInvoker>(() => new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            ConnectTimeout = _options.ConnectTimeout,
            // Followed by EgressHandler, one by one. A proxy would resolve names itself, so there is none unless it was asked for.
            AllowAutoRedirect = false,
            UseProxy = _proxy is not null,
            Proxy = _proxy,
            UseCookies = false,
            AutomaticDecompression = _options.Unpacks ? DecompressionMethods.All : DecompressionMethods.None,
            MaxResponseHeadersLength = 64,
            // Trace ids are of no concern to others.
            ActivityHeadersPropagator = null,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        }));
    }

    /// <summary>A client for one purpose. Cheap; connections are shared.</summary>
    /// <param name="refuse">Asked before every request and every redirect: null lets it pass, a sentence refuses it.</param>
    public HttpClient CreateClient(Func<EgressRequest, string?>? refuse = null) =>
        // The handler has the time limit, which includes redirects and content.
        new(new EgressHandler(this, refuse), disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The addresses of a name, as the system says: for resolvers of one's own that fall back to it.</summary>
    /// <exception cref="SocketException">It has none.</exception>
    public static Task<IPAddress[]> ResolveBySystemAsync(string host, CancellationToken cancellationToken) =>
        Dns.GetHostAddressesAsync(host, cancellationToken);

    /// <summary>
    /// A connection of bytes to another process of the same program, at the address that a person named for it: nothing that a model or a
    /// page says may lead here.
    /// </summary>
    /// <exception cref="NoosException">The host cannot be found (<see cref="ErrorKind.Unavailable"/>).</exception>
    /// <exception cref="SocketException">Nobody answers there.</exception>
    public static Socket ConnectToPeer(string host, int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(host, port);
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            socket.Dispose();
            throw new NoosException(ErrorKind.Unavailable, $"The host {host} cannot be found.", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_connections.IsValueCreated)
        {
            _connections.Value.Dispose();
        }
    }

    internal EgressOptions Options => _options;

    internal TimeProvider TimeProvider => _timeProvider;

    internal async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (ProxyOf(request.RequestUri!) is not null)
        {
            await CheckBeforeProxyAsync(request.RequestUri!, cancellationToken);
        }

        return await _connections.Value.SendAsync(request, cancellationToken);
    }

    /// <summary>What an address says by itself, before any name is looked up; null if nothing is wrong.</summary>
    internal string? FindFault(Uri address)
    {
        if (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
        {
            return $"Only addresses that begin with http:// or https:// can be opened, not {address.Scheme}:.";
        }

        if (address.UserInfo.Length > 0)
        {
            return "An address with a user name or password in it cannot be opened.";
        }

        return _options.Ports.Contains(address.Port) || IsPrivateHost(address.IdnHost, address.Port)
            ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"Port {address.Port} of {address.IdnHost} is not open to requests; an administrator can allow it.");
    }

    bool IsPrivateHost(string host, int port)
    {
        // IdnHost has no brackets around IPv6.
        host = host.TrimEnd('.');
        if (_options.AllowsLoopback && host is "localhost" or "127.0.0.1" or "::1")
        {
            return true;
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"{(host.Contains(':') ? $"[{host}]" : host)}:{port}");
        return _options.PrivateHosts.Any(allowed => allowed.StartsWith("*.", StringComparison.Ordinal)
            ? name.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)
            : name.Equals(allowed, StringComparison.OrdinalIgnoreCase));
    }

    Uri? ProxyOf(Uri address) => _proxy is null || _proxy.IsBypassed(address) ? null : _proxy.GetProxy(address);

    /// <summary>The proxy will resolve the name: what is known of it here is checked first.</summary>
    async Task CheckBeforeProxyAsync(Uri address, CancellationToken cancellationToken)
    {
        var host = address.IdnHost;
        try
        {
            Check(host, address.Port, IPAddress.TryParse(host, out var literal) ? [literal] : await ResolveAsync(host, cancellationToken));
        }
        catch (NoosException e) when (e.Kind == ErrorKind.Unavailable)
        {
            // Behind a proxy many machines know no names of the internet.
        }
    }

    void Check(string host, int port, IPAddress[] addresses)
    {
        // One address that is not public makes the name suspect as a whole: it would be used at the next look-up.
        if (!IsPrivateHost(host, port) && Array.Find(addresses, address => !PublicAddress.IsPublic(address)) is { } inner)
        {
            throw new NoosException(ErrorKind.Refused,
                $"{host} is {(IPAddress.TryParse(host, out _) ? "" : $"at {inner}, ")}not an address of the public internet; an "
                + $"administrator can allow {host}:{port.ToString(CultureInfo.InvariantCulture)} by name.");
        }
    }

    async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (!_options.Reconnects && !context.InitialRequestMessage.Options.TryAdd(HasConnection, true))
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection was closed without an answer.");
        }

        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await ResolveAsync(host, cancellationToken);
        // A connection to the proxy, whose host the system named; what it is asked for was checked before.
        if (ProxyOf(context.InitialRequestMessage.RequestUri!) is not { } proxy || proxy.Port != port
            || !proxy.IdnHost.Equals(host, StringComparison.OrdinalIgnoreCase))
        {
            Check(host, port, addresses);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // The addresses that were checked, not the name.
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = _options.Resolve is { } resolve
                ? await resolve(host, cancellationToken)
                : await ResolveBySystemAsync(host, cancellationToken);
            return addresses.Length > 0 ? addresses : throw new SocketException((int)SocketError.HostNotFound);
        }
        catch (SocketException e)
        {
            throw new NoosException(ErrorKind.Unavailable, $"The host {host} cannot be found.", e);
        }
    }
}
