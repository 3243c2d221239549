using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Noos.Pages.Hosting;
using Noos.Server.Accounts;

namespace Noos.Pages;

/// <summary>Mounts the pages of Noos in a host.</summary>
public static class NoosPagesEndpointRouteBuilderExtensions
{
    const string NotFoundAddress = "/not-found";

    /// <summary>
    /// Maps the pages at the root: <c>/</c>, <c>/chat/ID</c> and the others of <see cref="Layout.Navigation"/>, with their files. Who may
    /// ask is decided around them: the server of <c>noos up</c> answers only this machine unless told otherwise.
    /// </summary>
    /// <exception cref="InvalidOperationException">AddNoosPages was not called.</exception>
    public static void MapNoosPages(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var pages = endpoints.MapGroup("").RequireAccess(RouteAccess.Account);
        endpoints.ServiceProvider.GetRequiredService<PageAssets>().Map(pages);
        ConversationFiles.Map(pages);
        TeachingFiles.Map(pages);
        pages.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(options =>
            {
                options.ContentSecurityFrameAncestorsPolicy = "'none'";
                // Most readers sit at this machine: packing every piece of a stream costs more than sending it.
                options.DisableWebSocketCompression = true;
            })
            // No page has a form that a browser would send by itself; all that happens comes over the connection of the page.
            .DisableAntiforgery();
        if (endpoints is IApplicationBuilder app)
        {
            // Whoever mistypes an address gets a page; a program gets the error of its API.
            app.Use(static next => http => IsLostBrowser(http) ? LeadOn(http) : next(http));
        }
    }

    static bool IsLostBrowser(HttpContext http) => http.GetEndpoint() is null && HttpMethods.IsGet(http.Request.Method)
        && http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    static Task LeadOn(HttpContext http)
    {
        http.Response.Redirect(http.Request.PathBase + NotFoundAddress);
        return Task.CompletedTask;
    }
}
