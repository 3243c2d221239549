using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace Noos.Pages.Hosting;

/// <summary>
/// No page has a form that a browser would send by itself, so there is nothing to forge, and no cookie is needed: what is done comes over
/// the connection of the page, and who may open one is decided before (see Noos.Server's OriginGuard).
/// </summary>
sealed class NoAntiforgery : IAntiforgery
{
    static readonly AntiforgeryTokenSet s_none = new("none", "none", "none", "none");

    public AntiforgeryTokenSet GetAndStoreTokens(HttpContext httpContext) => s_none;

    public AntiforgeryTokenSet GetTokens(HttpContext httpContext) => s_none;

    public Task<bool> IsRequestValidAsync(HttpContext httpContext) => Task.FromResult(false);

    public void SetCookieTokenAndHeader(HttpContext httpContext)
    {
        // There is none.
    }

    public Task ValidateRequestAsync(HttpContext httpContext) =>
        throw new AntiforgeryValidationException("The pages take no forms.");
}
