using Microsoft.AspNetCore.Http;

namespace Noos.Pages.Hosting;

/// <summary>The headers of everything that the pages send.</summary>
static class PageHeaders
{
    // What a model writes is shown as text, but should markup of it ever get through, the browser runs and loads nothing that is not ours.
    const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        + "manifest-src 'self'; worker-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

    public static void Set(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "microphone=(self)";
        if (!headers.ContainsKey("Cache-Control"))
        {
            headers.CacheControl = "no-cache";
        }
    }
}
