using System.Net;

namespace Noos.Core.Network;

/// <summary>Sends one request and follows its redirects, with all checks before each; limits time and size of the whole.</summary>
sealed class EgressHandler(EgressGuard guard, Func<EgressRequest, string?>? refuse) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var options = guard.Options;
        var deadline = new CancellationTokenSource(options.Timeout, guard.TimeProvider);
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        HttpResponseMessage? response = null;
        try
        {
            var first = request.RequestUri ?? throw new NoosException("A request needs an address.");
            for (var redirects = 0; ; redirects++)
            {
                Check(request, first, redirects);
                response = await guard.SendAsync(request, stop.Token);
                if (!options.FollowsRedirects || FindRedirect(request, response) is not { } next)
                {
                    break;
                }

                if (redirects == options.MaxRedirects)
                {
                    throw new NoosException(
                        ErrorKind.Unavailable, $"{first.Host} redirects more than {redirects} times; open another address.");
                }

                response.Dispose();
                request = Redirect(request, next);
            }

            // Redirects are a new request object; callers look at the response's for the final address.
            response.RequestMessage = request;
            response.Content = await LimitedContent.CreateAsync(
                response.Content, options.MaxResponseBytes, request.RequestUri!, deadline, stop, cancellationToken);
            return response;
        }
        catch (Exception e)
        {
            response?.Dispose();
            var isLate = deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested;
            stop.Dispose();
            deadline.Dispose();
            if (e is OperationCanceledException && isLate)
            {
                throw LimitedContent.Late(request.RequestUri!, options.Timeout, e);
            }

            // A refusal of the connection comes wrapped.
            if (e is HttpRequestException { InnerException: NoosException refusal })
            {
                throw new NoosException(refusal.Kind, refusal.Message, e);
            }

            throw;
        }
    }

    static Uri? FindRedirect(HttpRequestMessage request, HttpResponseMessage response) =>
        // A body is sent once, to whom it is meant for.
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location && request.Content is null
            ? new Uri(request.RequestUri!, location)
            : null;

    static HttpRequestMessage Redirect(HttpRequestMessage request, Uri next)
    {
        var redirected = new HttpRequestMessage(request.Method, next)
        {
            Version = request.Version,
            VersionPolicy = request.VersionPolicy,
        };
        var isSameServer = Uri.Compare(
            request.RequestUri, next, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
        foreach (var (name, values) in request.Headers)
        {
            // Keys and whatever else a tool added are meant for the server that it named.
            if (isSameServer || name is "Accept" or "Accept-Language" or "User-Agent")
            {
                redirected.Headers.TryAddWithoutValidation(name, values);
            }
        }

        return redirected;
    }

    void Check(HttpRequestMessage request, Uri first, int redirects)
    {
        var address = request.RequestUri!;
        var isDowngrade = redirects > 0 && first.Scheme == Uri.UriSchemeHttps && address.Scheme == Uri.UriSchemeHttp;
        var fault = guard.FindFault(address)
            ?? (isDowngrade ? $"{first.Host} redirects from https to http ({address.Host}), which anyone on the way could read." : null)
            ?? refuse?.Invoke(new EgressRequest(request.Method, address, first, redirects, request.Content is not null));
        if (fault is not null)
        {
            throw new NoosException(ErrorKind.Refused, fault);
        }

        // A host header of the tool's own would reach another site than the one that was checked.
        request.Headers.Host = null;
        request.Version = HttpVersion.Version11;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher;
    }
}
