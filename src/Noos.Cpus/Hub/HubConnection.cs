using System.Net;
using System.Net.Http.Headers;
using Noos.Core;
using Noos.Core.Network;

namespace Noos.Cpus.Hub;

/// <summary>Asks servers for resources: follows redirects itself, so that the token stays with the host that it is for.</summary>
sealed class HubConnection : IDisposable
{
    const int MaxRedirects = 10;

    readonly HubOptions _options;
    readonly TimeProvider _time;
    readonly EgressGuard _egress;
    readonly HttpClient _client;

    /// <param name="options">The hub, and how patiently to wait for an answer.</param>
    /// <param name="time">Measures that patience.</param>
    /// <param name="address">A file that was asked for by its address; null for a repository of the hub.</param>
    public HubConnection(HubOptions options, TimeProvider time, Uri? address = null)
    {
        (_options, _time) = (options, time);
        // A download takes as long as it takes; only silence ends it.
        var service = EgressOptions.ForService(address ?? options.Endpoint);
        _egress = new EgressGuard(service with
        {
            // A mirror on this machine may lead to other ports of it.
            AllowsLoopback = options.Endpoint.IsLoopback,
            PrivateHosts = [.. service.PrivateHosts, EgressOptions.HostAndPort(options.Endpoint), .. options.PrivateHosts],
            ConnectTimeout = TimeSpan.FromSeconds(20),
            UsesSystemProxy = true,
            // Followed by hand: the token stays with its host, and the range that is wanted goes on to the next.
            FollowsRedirects = false,
        }, time);
        _client = _egress.CreateClient();
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("noos", null));
    }

    /// <summary>The answer of the last of the redirects; its content is not read yet.</summary>
    /// <param name="from">First byte wanted.</param>
    /// <param name="unchanged">
    /// With it, all bytes come instead when the resource is not that of this tag any more (If-Range, RFC 9110 section 13.1.5).
    /// </param>
    /// <exception cref="TransientException">The server cannot be reached, or is too busy.</exception>
    /// <exception cref="NoosException">
    /// <see cref="ErrorKind.Refused"/> when it sends to an address that is not safe, <see cref="ErrorKind.Unavailable"/> when it redirects
    /// in circles or no safe connection is possible.
    /// </exception>
    public async Task<HttpResponseMessage> GetAsync(Uri address, long from, string? unchanged, CancellationToken cancellationToken)
    {
        for (var redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            var response = await SendAsync(address, from, unchanged, cancellationToken);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
            {
                return ThrowWhenBusy(response, address);
            }

            response.Dispose();
            var next = new Uri(address, location);
            if (next.Scheme != Uri.UriSchemeHttps && next.Scheme != address.Scheme)
            {
                throw new NoosException(
                    ErrorKind.Refused,
                    $"The server {address.Authority} sends to an unsafe address ({next.Scheme}://{next.Authority}); try later or "
                    + "another mirror with --endpoint.");
            }

            address = next;
        }

        throw new NoosException(
            ErrorKind.Unavailable, $"The server {address.Authority} redirects in circles; try later or another mirror with --endpoint.");
    }

    public void Dispose()
    {
        _client.Dispose();
        _egress.Dispose();
    }

    async Task<HttpResponseMessage> SendAsync(Uri address, long from, string? unchanged, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (_options.Token is { } token && IsOurs(address))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
            if (unchanged is not null)
            {
                request.Headers.TryAddWithoutValidation("If-Range", unchanged);
            }
        }

        using var silence = new CancellationTokenSource(_options.Stall, _time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransientException($"the server {address.Authority} does not answer", e);
        }
        catch (NoosException e) when (e.Kind == ErrorKind.Unavailable)
        {
            throw new TransientException($"the server {address.Authority} cannot be reached", e, isUnreachable: true);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            throw new NoosException(
                ErrorKind.Unavailable,
                $"No safe connection to {address.Authority} is possible ({e.InnerException?.Message.TrimEnd('.') ?? e.Message}); check "
                + "the clock and the certificates of this machine.",
                e);
        }
        catch (HttpRequestException e)
        {
            throw new TransientException(
                $"the server {address.Authority} cannot be reached",
                e,
                isUnreachable: e.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
                    or HttpRequestError.ProxyTunnelError);
        }
    }

    // The token opens the user's account: only the hub itself may see it, and nobody on the way.
    bool IsOurs(Uri address) =>
        Uri.Compare(address, _options.Endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped,
            StringComparison.OrdinalIgnoreCase) == 0
        && (address.Scheme == Uri.UriSchemeHttps || address.IsLoopback);

    HttpResponseMessage ThrowWhenBusy(HttpResponseMessage response, Uri address)
    {
        if (response.StatusCode is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests) && (int)response.StatusCode < 500)
        {
            return response;
        }

        var wait = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - _time.GetUtcNow() : null;
        var status = (int)response.StatusCode;
        response.Dispose();
        throw new TransientException(
            status == 429
                ? $"the server {address.Authority} asks for fewer requests (429)"
                : $"the server {address.Authority} has trouble ({status})",
            isBusy: status == (int)HttpStatusCode.TooManyRequests,
            retryAfter: wait < TimeSpan.Zero ? TimeSpan.Zero : wait);
    }
}
