using System.Net;
using System.Net.Http.Headers;
using Noos.Core;

namespace Noos.Cpus.Library;

/// <summary>Asks servers for resources: follows redirects itself, so that the token stays with the host that it is for.</summary>
sealed class HubConnection : IDisposable
{
    const int MostRedirects = 10;

    readonly HubOptions _options;
    readonly HttpClient _client;

    public HubConnection(HubOptions options)
    {
        _options = options;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(20) })
        {
            // A download takes as long as it takes; only silence ends it.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("noos", null));
    }

    /// <summary>The answer of the last of the redirects; its content is not read yet.</summary>
    /// <param name="from">First byte wanted.</param>
    /// <param name="unchanged">With it, all bytes come instead when the resource is not that of this tag any more (If-Range, RFC 9110 section 13.1.5).</param>
    /// <exception cref="TransientException">The server cannot be reached, or is too busy.</exception>
    public async Task<HttpResponseMessage> GetAsync(Uri address, long from, string? unchanged, CancellationToken cancellation)
    {
        for (var redirects = 0; redirects <= MostRedirects; redirects++)
        {
            var response = await SendAsync(address, from, unchanged, cancellation);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
            {
                return ThrowWhenBusy(response, address);
            }

            response.Dispose();
            var next = new Uri(address, location);
            if (next.Scheme != Uri.UriSchemeHttps && next.Scheme != address.Scheme)
            {
                throw new NoosException($"The server {address.Authority} sends to an unsafe address ({next.Scheme}://{next.Authority}); try later or another mirror with --endpoint.");
            }

            address = next;
        }

        throw new NoosException($"The server {address.Authority} redirects in circles; try later or another mirror with --endpoint.");
    }

    public void Dispose() => _client.Dispose();

    async Task<HttpResponseMessage> SendAsync(Uri address, long from, string? unchanged, CancellationToken cancellation)
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

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(_options.Stall);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TransientException($"the server {address.Authority} does not answer", e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            throw new NoosException($"No safe connection to {address.Authority} is possible ({e.InnerException?.Message.TrimEnd('.') ?? e.Message}); check the clock and the certificates of this machine.", e);
        }
        catch (HttpRequestException e)
        {
            throw new TransientException(
                $"the server {address.Authority} cannot be reached",
                e,
                isUnreachable: e.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError);
        }
    }

    bool IsOurs(Uri address) =>
        Uri.Compare(address, _options.Endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0
        && (address.Scheme == Uri.UriSchemeHttps || address.IsLoopback);

    static HttpResponseMessage ThrowWhenBusy(HttpResponseMessage response, Uri address)
    {
        if (response.StatusCode is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests) && (int)response.StatusCode < 500)
        {
            return response;
        }

        var wait = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - DateTimeOffset.UtcNow : null;
        var status = (int)response.StatusCode;
        response.Dispose();
        throw new TransientException(
            status == 429 ? $"the server {address.Authority} asks for fewer requests (429)" : $"the server {address.Authority} has trouble ({status})",
            retryAfter: wait < TimeSpan.Zero ? TimeSpan.Zero : wait);
    }
}
