using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Noos.Server.Accounts;

/// <summary><c>/login</c>: a form that works without a script. Nothing in it is from elsewhere.</summary>
static class LoginPage
{
    public const string Address = "/login";

    const string Policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    static readonly Lazy<string> s_page = new(() =>
    {
        using var content = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("page/login.html")!);
        return content.ReadToEnd();
    });

    /// <summary>Sends the form.</summary>
    /// <param name="http">The request.</param>
    /// <param name="next">Where to go then.</param>
    /// <param name="message">What went wrong; empty for nothing.</param>
    /// <param name="status">The status.</param>
    public static Task SendAsync(HttpContext http, string next, string message = "", int status = StatusCodes.Status200OK)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        // With "no-referrer" browsers send the form from the origin "null", which is refused like that of any other site
        // (https://fetch.spec.whatwg.org/#append-a-request-origin-header).
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        return http.Response.WriteAsync(
            s_page.Value.Replace("{message}", WebUtility.HtmlEncode(message), StringComparison.Ordinal)
                .Replace("{next}", WebUtility.HtmlEncode(next), StringComparison.Ordinal),
            http.RequestAborted);
    }

    /// <summary>An address of this server, whatever was sent: a link must not lead from here to another site.</summary>
    public static string Local(string? next) => next is ['/', ..] && next is not ['/', '/' or '\\', ..] && !next.Any(char.IsControl)
        ? next
        : "/";
}
