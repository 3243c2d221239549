using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Noos.Core;
using Noos.Server.Files;
using Noos.Server.Hosting;
using Noos.Server.OpenAi;
using Noos.Server.Processes;

namespace Noos.Server.Uploads;

/// <summary>
/// <c>/v1/files</c> (https://platform.openai.com/docs/api-reference/files): files that later requests name by their ids.
/// </summary>
/// <param name="store">Keeps them.</param>
/// <param name="maxLength">Bytes of a file.</param>
sealed class UploadEndpoints(UploadStore store, long maxLength)
{
    const int MaxList = 10_000;
    const int MaxFieldLength = 256;

    // Of a multipart body: the fields beside the file.
    const int MaxOverhead = 1 << 16;
    const int MinLife = 3_600;
    const int MaxLife = 2_592_000;

    static readonly string[] s_purposes = ["assistants", "batch", "fine-tune", "vision", "user_data", "evals"];

    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        ("/v1/files", [(HttpMethods.Get, ListAsync), (HttpMethods.Post, AddAsync)]),
        ("/v1/files/{id}", [(HttpMethods.Get, GetAsync), (HttpMethods.Delete, RemoveAsync)]),
        ("/v1/files/{id}/content", [(HttpMethods.Get, SendAsync)]),
    ];

    async Task AddAsync(HttpContext http)
    {
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            throw ApiException.Invalid("file", "A file comes as multipart/form-data with the parts \"file\" and \"purpose\".");
        }

        if (http.Request.ContentLength > maxLength + MaxOverhead)
        {
            throw new NoosException(ErrorKind.Refused, $"A file may have {maxLength >> 20} MiB here (--max-file); give a smaller one.");
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = maxLength + MaxOverhead;
        }

        // Kept on the disk until all fields are known, since clients send them in any order.
        var folder = Directory.CreateTempSubdirectory("noos-upload-").FullName;
        try
        {
            var fields = new Dictionary<string, string>(StringComparer.Ordinal);
            var (name, path) = await ReadAsync(http, HeaderUtilities.RemoveQuotes(type.Boundary).Value ?? "", folder, fields);
            var purpose = fields.GetValueOrDefault("purpose") is { } given && s_purposes.Contains(given)
                ? given
                : throw ApiException.Invalid("purpose", $"The field \"purpose\" must be one of: {string.Join(", ", s_purposes)}.");
            await using var content = File.OpenRead(path ?? throw ApiException.Invalid("file", "The field \"file\" is missing."));
            var upload = await store.AddAsync(RequestOwner.Of(http), name, purpose, content, LifeOf(fields), http.RequestAborted);
            await http.Response.WriteAsJsonAsync(UploadWire.From(upload), UploadJson.Default.UploadWire);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    async Task<(string Name, string? Path)> ReadAsync(
        HttpContext http, string boundary, string folder, Dictionary<string, string> fields)
    {
        var (name, path) = ("file", default(string));
        try
        {
            var reader = new MultipartReader(boundary, http.Request.Body) { BodyLengthLimit = maxLength + 1 };
            while (await reader.ReadNextSectionAsync(http.RequestAborted) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
                {
                    continue;
                }

                var field = HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "";
                if (!disposition.IsFileDisposition())
                {
                    fields[field] = await ReadFieldAsync(section.Body, field, http.RequestAborted);
                }
                else if (path is null && field == "file")
                {
                    name = HeaderUtilities.RemoveQuotes(
                        disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value ?? name;
                    path = (await Noos.Kernel.Processes.GivenFiles.StoreAsync(
                        folder, name, section.Body, maxLength, http.RequestAborted)).Path;
                }
                else
                {
                    throw ApiException.Invalid(field, "The form must have one file, in the field \"file\".");
                }
            }
        }
        catch (Exception exception) when (BrokenForm.Is(exception, http))
        {
            throw BrokenForm.Explain(exception);
        }

        foreach (var field in fields.Keys.Where(field => field is not ("purpose" or "expires_after[anchor]" or "expires_after[seconds]")))
        {
            throw new ApiException(
                StatusCodes.Status400BadRequest, $"The field \"{field}\" is not known here, so it would be ignored; leave it out.", field,
                "unknown_parameter");
        }

        return (name, path);
    }

    static async Task<string> ReadFieldAsync(Stream body, string field, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxFieldLength + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= MaxFieldLength
            ? System.Text.Encoding.UTF8.GetString(buffer, 0, length)
            : throw ApiException.Invalid(field, $"The field \"{field}\" may have {MaxFieldLength} bytes.");
    }

    static TimeSpan? LifeOf(Dictionary<string, string> fields)
    {
        if (fields.GetValueOrDefault("expires_after[anchor]", "created_at") != "created_at")
        {
            throw ApiException.Invalid("expires_after[anchor]", "The field \"expires_after[anchor]\" must be created_at.");
        }

        return !fields.TryGetValue("expires_after[seconds]", out var text) ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= MinLife and <= MaxLife
                ? TimeSpan.FromSeconds(seconds)
                : throw ApiException.Invalid(
                    "expires_after[seconds]",
                    $"The field \"expires_after[seconds]\" must be a whole number from {MinLife} to {MaxLife}.");
    }

    Task ListAsync(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        var purpose = query.Text("purpose");
        var max = (int)(query.Integer("limit", 1, MaxList) ?? MaxList);
        var after = query.Text("after");
        var isAscending = query.Text("order") switch
        {
            null or "desc" => false,
            "asc" => true,
            _ => throw ApiException.Invalid("order", "The parameter \"order\" must be asc or desc."),
        };
        query.RefuseUnknown();
        IEnumerable<Upload> all = store.List(RequestOwner.Of(http)).Where(upload => purpose is null || upload.Purpose == purpose);
        all = isAscending ? all : all.Reverse();
        if (after is not null)
        {
            _ = store.Get(RequestOwner.Of(http), after);
            all = all.SkipWhile(upload => upload.Id != after).Skip(1);
        }

        UploadWire[] page = [.. all.Take(max + 1).Select(UploadWire.From)];
        var data = page.Length > max ? page[..max] : page;
        return http.Response.WriteAsJsonAsync(
            new UploadListWire(data, data.FirstOrDefault()?.Id, data.LastOrDefault()?.Id, page.Length > max),
            UploadJson.Default.UploadListWire);
    }

    Task GetAsync(HttpContext http) => http.Response.WriteAsJsonAsync(
        UploadWire.From(store.Get(RequestOwner.Of(http), IdOf(http))), UploadJson.Default.UploadWire);

    Task RemoveAsync(HttpContext http)
    {
        store.Remove(RequestOwner.Of(http), IdOf(http));
        return http.Response.WriteAsJsonAsync(new UploadDeletedWire(IdOf(http)), UploadJson.Default.UploadDeletedWire);
    }

    /// <summary>As a download: what is in a file of a stranger must not run in the page of this server.</summary>
    async Task SendAsync(HttpContext http)
    {
        var upload = store.Get(RequestOwner.Of(http), IdOf(http));
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(upload.Filename);
        http.Response.ContentType = "application/octet-stream";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.ContentDisposition = disposition.ToString();
        http.Response.ContentLength = upload.Bytes;
        await http.Response.SendFileAsync(store.PathOf(upload), 0, upload.Bytes, http.RequestAborted);
    }

    static string IdOf(HttpContext http) => (string)http.GetRouteValue("id")!;
}
