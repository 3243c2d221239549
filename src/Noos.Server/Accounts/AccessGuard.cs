using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Noos.Core;
using Noos.Kernel.Accounts;
using Noos.Kernel.Processes;
using Noos.Server.Hosting;
using Noos.Server.OpenAi;

namespace Noos.Server.Accounts;

/// <summary>
/// The one rule of who may use which route, after routing and before every handler: finds out who asks, refuses those whom the route is not
/// for (<see cref="RouteAccess"/>; a route that says nothing is the owner's alone), and limits how often one may ask. Another's process or
/// permission is as if it were not there.
/// </summary>
/// <param name="authenticator">Finds out who asks.</param>
/// <param name="connections">Cuts off those whose session or key ends while they last.</param>
/// <param name="rate">Counts.</param>
/// <param name="table">The processes; null where the server has no home.</param>
/// <param name="requests">The requests under way.</param>
/// <param name="options">How often one may ask.</param>
/// <param name="sendsToLogin">Browsers are sent to the page where one logs in.</param>
sealed class AccessGuard(
    Authenticator authenticator, OpenConnections connections, RequestRate rate, ProcessTable? table, RequestTable requests,
    ServerOptions options, bool sendsToLogin)
{
    /// <exception cref="ApiException">From the handler it gives, where a request is refused.</exception>
    public RequestDelegate Wrap(RequestDelegate next) => http =>
    {
        // Routing answers itself that a method is not served (405).
        if (http.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return next(http);
        }

        var access = endpoint.Metadata.GetMetadata<RouteAccess>()
            ?? (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null ? RouteAccess.Owner : RouteAccess.Anyone);
        var visitor = authenticator.Identify(http);
        http.Features.Set(visitor);
        if (authenticator.HasAccounts)
        {
            // Else the host may know its users by itself.
            http.User = visitor.ToClaims();
        }

        if (visitor.Kind == VisitorKind.Nobody && access != RouteAccess.Anyone)
        {
            return Refuse(http);
        }

        if (visitor.Kind == VisitorKind.Session)
        {
            RequireOwnPage(http.Request);
        }

        RequireRate(visitor);
        Require(access, visitor, http);
        return connections.Hold(http, visitor.Kind, Authenticator.SecretOf(http.Request, visitor.Kind)) is { } held
            ? HoldAsync(held, next, http)
            : next(http);
    };

    static async Task HoldAsync(IDisposable held, RequestDelegate next, HttpContext http)
    {
        using (held)
        {
            await next(http);
        }
    }

    Task Refuse(HttpContext http)
    {
        var request = http.Request;
        var isPage = sendsToLogin && HttpMethods.IsGet(request.Method)
            && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
        if (!isPage)
        {
            throw Visitor.Unknown();
        }

        var address = request.PathBase + request.Path + request.QueryString;
        http.Response.Redirect($"{request.PathBase}{LoginPage.Address}?next={Uri.EscapeDataString(address)}");
        return Task.CompletedTask;
    }

    /// <summary>
    /// A browser adds the cookie to whatever a page makes it send. What could change something must therefore come from a page of this
    /// server, which browsers say with each such request (OWASP, cross-site request forgery: verifying the origin); SameSite=Strict is the
    /// first line, and pages of another port of this machine count as the same site.
    /// </summary>
    static void RequireOwnPage(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        var isSafe = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        var isOwn = origin.Length > 0
            ? OriginGuard.HostOf(origin) is var name && (name == request.Host.Value || name == OriginGuard.ForwardedHost(request).Value)
            : isSafe || request.Headers["Sec-Fetch-Site"].ToString() == "same-origin";
        if (!isOwn)
        {
            throw ApiException.For(
                ErrorKind.Refused,
                "A session is only for the pages of this server; a program of yours asks with an API key ('noos key add').");
        }
    }

    void RequireRate(Visitor visitor)
    {
        var isLimited = visitor.Kind is VisitorKind.Session or VisitorKind.Key;
        var perMinute = visitor.Account is { Role: AccountRole.Member, Limits.RequestsPerMinute: { } own }
            ? own
            : options.RequestsPerMinute;
        if (isLimited && perMinute > 0 && rate.Take(visitor.Principal.Owner, perMinute) is { } wait)
        {
            throw TooMany(
                string.Create(CultureInfo.InvariantCulture, $"{visitor.Principal.Owner} may ask {perMinute} times per minute"), wait);
        }
    }

    /// <summary>What is said of too many requests.</summary>
    public static ApiException TooMany(string what, TimeSpan wait) => new(
        StatusCodes.Status429TooManyRequests,
        string.Create(CultureInfo.InvariantCulture, $"{what}; ask again in {Math.Ceiling(wait.TotalSeconds)} s."),
        code: "rate_limit_exceeded")
    {
        RetryAfter = wait,
    };

    void Require(RouteAccess access, Visitor visitor, HttpContext http)
    {
        if (access == RouteAccess.Anyone)
        {
            return;
        }

        var principal = visitor.Principal;
        if (access.IsInPerson && visitor.Kind == VisitorKind.Key)
        {
            throw ApiException.For(ErrorKind.Refused, "An API key cannot manage accounts, sessions and keys; log in, or use 'noos'.");
        }

        if (principal.IsAdministrator)
        {
            return;
        }

        if (access == RouteAccess.Owner || access == RouteAccess.OwnerInPerson)
        {
            throw ApiException.For(ErrorKind.Refused, "This is for the owner of this Noos; ask them.");
        }

        var id = http.GetRouteValue("id") is string text && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;
        if (access == RouteAccess.OwnProcess)
        {
            RequireOwn(id, principal);
        }
        else if (access == RouteAccess.OwnPermission && table?.Permissions(principal.Owner).All(rule => rule.Id != id) != false)
        {
            throw ApiException.For(
                ErrorKind.NotFound, $"There is no permission {id}; 'noos permissions' lists those there are.");
        }
    }

    void RequireOwn(long id, Principal principal)
    {
        if (requests.Find(id) is not { } request)
        {
            // Where there are no processes the handler says so.
            _ = table?.Get(id, principal);
        }
        else if (!principal.MaySee(request))
        {
            throw new NoosException(ErrorKind.NotFound, $"There is no process {id}; 'noos ps --all' lists those there are.");
        }
    }
}
