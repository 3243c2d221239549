using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Noos.Core;
using Noos.Server.OpenAi;

namespace Noos.Server.Hosting;

/// <summary>
/// A page of another site must not talk to a server on this machine through the user's browser: requests for another host name (DNS
/// rebinding) and from another origin (cross-site requests) are refused with 403.
/// </summary>
/// <param name="address">Where the server listens; what listens to the network may be asked for by any name.</param>
sealed class OriginGuard(IPAddress address, ILogger logger)
{
    readonly bool _onlyLocalNames = IPAddress.IsLoopback(address);

    /// <exception cref="ApiException">From the handler it gives, where a request is refused.</exception>
    public RequestDelegate Wrap(RequestDelegate next) => http =>
    {
        var host = http.Request.Host;
        var isKnown = !_onlyLocalNames || host.Host.ToLowerInvariant() is "localhost" or "127.0.0.1" or "[::1]";

        // Programs send no origin; browsers always do with what could change something or start the model.
        var origin = http.Request.Headers.Origin.ToString();
        var isOwn = origin.Length == 0 || string.Equals(origin, $"{http.Request.Scheme}://{host}", StringComparison.OrdinalIgnoreCase);
        if (isKnown && isOwn)
        {
            return next(http);
        }

        Log.OriginRefused(logger, http.Request.Method, http.Request.Path, host.Value ?? "", origin);
        throw ApiException.For(ErrorKind.Refused, "This server answers only its own page and programs on this machine.");
    };
}
