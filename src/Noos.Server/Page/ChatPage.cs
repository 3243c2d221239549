using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Noos.Server.Accounts;

namespace Noos.Server.Page;

/// <summary>The chat page: three files inside the assembly, no build step, nothing from elsewhere.</summary>
static class ChatPage
{
    // What a model writes is shown as text, but should markup of it ever get through, the browser runs and loads nothing that is not ours.
    const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; " +
        "form-action 'none'; frame-ancestors 'none'";

    /// <param name="routes">Where to serve it; the page asks for the API by addresses relative to its own.</param>
    /// <param name="wrap">Put around every handler.</param>
    public static void Map(IEndpointRouteBuilder routes, Func<RequestDelegate, RequestDelegate> wrap)
    {
        Map("/", AtFolder(Serve("index.html", "text/html; charset=utf-8")));
        Map("/chat.css", Serve("chat.css", "text/css; charset=utf-8"));
        Map("/chat.js", Serve("chat.js", "text/javascript; charset=utf-8"));

        void Map(string address, RequestDelegate handler) => routes.MapGet(address, wrap(handler)).RequireAccess(RouteAccess.For(address));
    }

    /// <summary>Sends "/noos" to "/noos/": relative to the first, the files beside the page would lie above it.</summary>
    static RequestDelegate AtFolder(RequestDelegate next) => http =>
    {
        var address = (http.Request.PathBase + http.Request.Path).ToUriComponent();
        if (address.EndsWith('/'))
        {
            return next(http);
        }

        http.Response.Redirect(address + "/");
        return Task.CompletedTask;
    };

    static RequestDelegate Serve(string name, string type) => async http =>
    {
        await using var content = typeof(ChatPage).Assembly.GetManifestResourceStream($"page/{name}")!;
        http.Response.ContentType = type;
        http.Response.ContentLength = content.Length;
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-cache";
        await content.CopyToAsync(http.Response.Body, http.RequestAborted);
    };
}
