using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Noos.Core;
using Noos.Kernel.Processes;
using Noos.Server.OpenAi;
using Noos.Server.Processes;

namespace Noos.Server.Files;

/// <summary><c>/api/processes/ID/files</c>: the files of a conversation; what it takes and answers is described in docs/api.md.</summary>
/// <param name="table">The processes; null where the server has no home.</param>
/// <param name="maxLength">Bytes of a file.</param>
sealed class FileEndpoints(ProcessTable? table, long maxLength)
{
    // Of a multipart body: the names between the files.
    const int MaxOverhead = 1 << 16;

    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        ("/api/processes/{id:long}/files", [(HttpMethods.Get, ListAsync), (HttpMethods.Post, GiveAsync)]),
        ("/api/processes/{id:long}/files/{name}", [(HttpMethods.Get, SendAsync)]),
    ];

    ProcessTable Table => table ?? throw new NoosException(
        ErrorKind.Refused, "This server keeps no processes; start it with a home ('noos up' without --no-journal).");

    Task ListAsync(HttpContext http) => http.Response.WriteAsJsonAsync(
        new FileList([.. Table.Files(IdOf(http)).Select(FileEntry.From)]), ProcessJson.Default.FileList);

    /// <summary>Copies the body to the disk as it comes: it is never in memory as a whole.</summary>
    async Task GiveAsync(HttpContext http)
    {
        var id = IdOf(http);
        _ = Table.Get(id);
        if (http.Request.ContentLength > maxLength + MaxOverhead)
        {
            throw new NoosException(
                ErrorKind.Refused, $"A file may have {maxLength >> 20} MiB here (--max-file); give a smaller one.");
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            // Files have a limit of their own, which is told in a sentence.
            limit.MaxRequestBodySize = maxLength + MaxOverhead;
        }

        var given = MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            ? await GivePartsAsync(http, id, HeaderUtilities.RemoveQuotes(type.Boundary).Value)
            : [await GiveAsync(http, id, NameOf(http), http.Request.Body)];
        http.Response.StatusCode = StatusCodes.Status201Created;
        await http.Response.WriteAsJsonAsync(
            new FileList([.. given.Select(FileEntry.From)]), ProcessJson.Default.FileList, cancellationToken: http.RequestAborted);
    }

    async Task<List<GivenFile>> GivePartsAsync(HttpContext http, long id, string? boundary)
    {
        var given = new List<GivenFile>();
        try
        {
            var reader = new MultipartReader(boundary ?? "", http.Request.Body) { BodyLengthLimit = maxLength + 1 };
            while (await reader.ReadNextSectionAsync(http.RequestAborted) is { } section)
            {
                if (ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
                    && disposition.IsFileDisposition())
                {
                    var name = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
                    given.Add(await GiveAsync(http, id, HeaderUtilities.RemoveQuotes(name).Value ?? "file", section.Body));
                }
            }
        }
        catch (Exception exception) when (BrokenForm.Is(exception, http))
        {
            throw BrokenForm.Explain(exception);
        }

        return given.Count > 0 ? given : throw new ApiException(
            StatusCodes.Status400BadRequest, "The form has no file; send one as a part with a filename, or as the body with ?name=.");
    }

    Task<GivenFile> GiveAsync(HttpContext http, long id, string name, Stream content) =>
        Table.GiveFileAsync(id, name, content, maxLength, http.RequestAborted);

    /// <summary>
    /// As a download: what is in a file of a stranger must not run in the page of this server. Pictures have their type, so that a page can
    /// show them, where they run nothing either.
    /// </summary>
    async Task SendAsync(HttpContext http)
    {
        var name = (string)http.GetRouteValue("name")!;
        var id = IdOf(http);
        var file = Table.Files(id).FirstOrDefault(file => file.Name == name) ?? throw new NoosException(
            ErrorKind.NotFound, $"Process {id} has no file '{name}'; GET /api/processes/{id}/files lists those it has.");
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(name);
        http.Response.ContentType = PictureTypeOf(name) ?? "application/octet-stream";
        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.ContentDisposition = disposition.ToString();
        http.Response.ContentLength = file.Length;
        await http.Response.SendFileAsync(file.Path, 0, file.Length, http.RequestAborted);
    }

    static string? PictureTypeOf(string name) => Path.GetExtension(name).ToLowerInvariant() switch
    {
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        ".gif" => "image/gif",
        ".webp" => "image/webp",
        _ => null,
    };

    static string NameOf(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        var name = query.Text("name") ?? throw ApiException.Invalid(
            "name", "The parameter \"name\" is missing; it says what the file is called.");
        query.RefuseUnknown();
        return name;
    }

    static long IdOf(HttpContext http) =>
        long.Parse((string)http.GetRouteValue("id")!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
