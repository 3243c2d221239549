using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Noos.Core;
using Noos.Server.OpenAi;
using Noos.Server.Processes;
using Noos.Tools.Search;

namespace Noos.Server.Captures;

/// <summary>
/// <c>/api/captures</c>: a page of the index as it was fetched, byte for byte; what it takes and answers is described in docs/api.md. What
/// strangers wrote must not run in the page of this server: text is shown as text, anything else is a download, and neither may do
/// anything (CSP sandbox) or be guessed to be something else (nosniff).
/// </summary>
/// <param name="indexPath">The index that knows where pages lie; null for none.</param>
sealed class CaptureEndpoints(string? indexPath)
{
    const string Body = "body";
    const string Response = "response";

    static readonly SearchValues<char> s_charsetLetters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:.+");

    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
        [(CaptureLink.Path, [(HttpMethods.Get, SendAsync)])];

    async Task SendAsync(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        var address = query.Text("address") ?? throw ApiException.Invalid(
            "address", "The parameter \"address\" is missing; it is the address of the page, as a citation has it.");
        var capture = query.Text("capture");
        var form = query.Text("as") ?? Body;
        query.RefuseUnknown();
        if (form is not (Body or Response))
        {
            throw ApiException.Invalid(
                "as", $"The parameter \"as\" must be {Body} (the page) or {Response} (with its HTTP headers, as it came).");
        }

        if (indexPath is null || !File.Exists(indexPath))
        {
            throw new NoosException(
                ErrorKind.NotFound, "This server has no index with pages of crawls; add a corpus with 'noos index add'.");
        }

        var page = StoredPage.Open(indexPath, address, capture);
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Referrer-Policy"] = "no-referrer";

        // RFC 7089: when this was what the address gave, and the address.
        headers["Memento-Datetime"] = page.Date?.ToString("r", CultureInfo.InvariantCulture);
        headers.Link = Uri.TryCreate(address, UriKind.Absolute, out var original) ? $"<{original.AbsoluteUri}>; rel=\"original\"" : null;
        if (form == Response || (!page.IsHttp && page.MediaType is null))
        {
            await SendAsync(http, page.IsHttp ? "application/http" : "application/octet-stream", page.Response, isShown: false);
            return;
        }

        var charset = TextCharset(page);
        await SendAsync(
            http, charset is null ? "application/octet-stream" : charset.Length > 0 ? $"text/plain; charset={charset}" : "text/plain",
            page.Body, isShown: charset is not null);
    }

    /// <summary>The charset of a text, empty where nobody says it; null where it is no text.</summary>
    static string? TextCharset(StoredPage page)
    {
        var type = page.MediaType?.ToLowerInvariant() ?? "";
        var isText = type.StartsWith("text/", StringComparison.Ordinal) || type.EndsWith("+xml", StringComparison.Ordinal)
            || type is "application/json" or "application/xml" or "application/javascript";
        if (!isText)
        {
            return null;
        }

        // Only the name of a charset goes on: what a stranger wrote is no header of ours.
        return page.Charset is { Length: > 0 and < 40 } charset
            && charset.AsSpan().IndexOfAnyExcept(s_charsetLetters) < 0 ? charset : "";
    }

    static async Task SendAsync(HttpContext http, string type, ReadOnlyMemory<byte> content, bool isShown)
    {
        http.Response.ContentType = type;
        http.Response.ContentLength = content.Length;
        http.Response.Headers.ContentDisposition = new ContentDispositionHeaderValue(isShown ? "inline" : "attachment").ToString();
        await http.Response.Body.WriteAsync(content, http.RequestAborted);
    }
}
