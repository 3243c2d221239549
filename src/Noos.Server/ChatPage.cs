using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Noos.Server;

/// <summary>The chat page: three files inside the assembly, no build step, nothing from elsewhere.</summary>
static class ChatPage
{
    const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", Serve("index.html", "text/html; charset=utf-8"));
        routes.MapGet("/chat.css", Serve("chat.css", "text/css; charset=utf-8"));
        routes.MapGet("/chat.js", Serve("chat.js", "text/javascript; charset=utf-8"));
    }

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
