using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Noos.Core;
using Noos.Server.OpenAi;

namespace Noos.Server.Hosting;

/// <summary>
/// A page of another site must not talk to a server on this machine through the user's browser: requests for another host name (DNS
/// rebinding) and from another origin (cross-site requests) are refused with 403, unless that origin is allowed. Pages of allowed origins
/// get the answers of CORS (https://fetch.spec.whatwg.org/#http-cors-protocol).
/// </summary>
/// <param name="address">Where the server listens; what listens to the network may be asked for by any name.</param>
/// <param name="allowedOrigins">Other origins whose pages may use the server; "*" for all.</param>
sealed class OriginGuard(IPAddress address, IReadOnlyList<string> allowedOrigins, ILogger logger)
{
    const string Any = "*";
    const string SchemeEnd = "://";
    const string ForwardedHostHeader = "X-Forwarded-Host";

    // Browsers ask again after ten minutes.
    const string PreflightSeconds = "600";

    readonly bool _onlyLocalNames = IPAddress.IsLoopback(address);
    readonly string[] _allowed = [.. allowedOrigins.Select(origin => ServerOptions.IsOrigin(origin)
        ? origin.TrimEnd('/')
        : throw new NoosException(ServerOptions.NoOrigin(origin)))];

    /// <exception cref="ApiException">From the handler it gives, where a request is refused.</exception>
    public RequestDelegate Wrap(RequestDelegate next) => http =>
    {
        var host = http.Request.Host;

        // Programs send no origin; browsers always do with what could change something or start the model.
        var origin = http.Request.Headers.Origin.ToString();
        var isAllowed = origin.Length > 0 && IsAllowed(origin);
        var isKnown = !_onlyLocalNames || IsLocal(host) || Array.Exists(_allowed, one => one == Any || HostOf(one) == host.Value);
        if (!isKnown || (origin.Length > 0 && !isAllowed && !IsOwn(origin, host) && !IsOwn(origin, ForwardedHost(http.Request))))
        {
            Log.OriginRefused(logger, http.Request.Method, http.Request.Path, host.Value ?? "", origin);
            throw ApiException.For(
                ErrorKind.Refused,
                "This server answers only its own page and programs on this machine; allow another site with 'noos up --allow-origin'.");
        }

        if (origin.Length > 0 && HostOf(origin) != host.Value)
        {
            // When the answer starts, whatever it will be: a failure clears the headers that are there.
            http.Response.OnStarting(() =>
            {
                http.Response.Headers.AccessControlAllowOrigin = origin;
                http.Response.Headers.Vary = "Origin";
                return Task.CompletedTask;
            });
            if (HttpMethods.IsOptions(http.Request.Method) && http.Request.Headers.AccessControlRequestMethod.Count > 0)
            {
                AnswerPreflight(http);
                return Task.CompletedTask;
            }
        }

        return next(http);
    };

    static void AnswerPreflight(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        var headers = http.Response.Headers;
        headers.AccessControlAllowMethods = "GET, POST, PATCH, DELETE, OPTIONS";
        if (http.Request.Headers.AccessControlRequestHeaders is { Count: > 0 } wanted)
        {
            headers.AccessControlAllowHeaders = wanted;
        }

        headers.AccessControlMaxAge = PreflightSeconds;
        if (http.Request.Headers.ContainsKey("Access-Control-Request-Private-Network"))
        {
            headers["Access-Control-Allow-Private-Network"] = "true";
        }
    }

    bool IsAllowed(string origin) => Array.Exists(_allowed, one => one == Any || one.Equals(origin, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// The page came from here. The scheme does not count: TLS may end in a proxy before this server. Names of this machine are one: who
    /// opens the page at localhost may ask at 127.0.0.1.
    /// </summary>
    bool IsOwn(string origin, HostString host)
    {
        if (!origin.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            && !origin.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var name = HostOf(origin);
        return string.Equals(name, host.Value, StringComparison.OrdinalIgnoreCase)
            || (_onlyLocalNames && new HostString(name) is var other && IsLocal(other) && IsLocal(host) && other.Port == host.Port);
    }

    /// <summary>
    /// The host name that a proxy was asked for, which asks here by another. Pages cannot pretend to be behind one: with this header a
    /// request to another origin needs a preflight, which is refused, and one to their own by a false name is refused by that name.
    /// </summary>
    internal static HostString ForwardedHost(HttpRequest request) => new(request.Headers[ForwardedHostHeader].ToString());

    internal static bool IsLocal(HostString host) => host.Host.ToLowerInvariant() is "localhost" or "127.0.0.1" or "[::1]";

    internal static string HostOf(string origin) =>
        origin.IndexOf(SchemeEnd, StringComparison.Ordinal) is var end and >= 0 ? origin[(end + SchemeEnd.Length)..] : origin;
}
