using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Noos.Core;
using Noos.Kernel.Processes;
using Noos.Pages.Transfer;
using Noos.Peripherals.Ear;
using Noos.Server.Accounts;

namespace Noos.Pages.Hosting;

/// <summary>What the page moves as files: those of a conversation, and conversations themselves.</summary>
static class ConversationFiles
{
    const int SignatureLength = 16;

    // 16-bit samples at 16 kHz, and a header.
    const int MaxHeardLength = (MicrophoneDevice.MaxSeconds * 32_000) + 4096;

    static readonly byte[] s_png = [0x89, 0x50, 0x4E, 0x47];
    static readonly byte[] s_jpeg = [0xFF, 0xD8, 0xFF];

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/chat/{id:long}/files", GiveAsync).RequireAccess(RouteAccess.OwnProcess);
        endpoints.MapGet("/chat/{id:long}/files/{name}", SendAsync).RequireAccess(RouteAccess.OwnProcess);
        endpoints.MapGet("/chat/{id:long}/export.{format}", ExportAsync).RequireAccess(RouteAccess.OwnProcess);
        endpoints.MapPost("/chat/import", ImportAsync);
        endpoints.MapPost("/chat/hear", HearAsync);
    }

    static async Task GiveAsync(HttpContext http)
    {
        var services = http.RequestServices;
        var maxLength = services.GetRequiredService<PagesOptions>().MaxFileLength;
        AllowLength(http, maxLength);
        var name = http.Request.Query["name"].ToString();
        var table = services.GetRequiredService<PageProcesses>().Table;
        var file = await table.GiveFileAsync(
            Find(http).Id, name.Length == 0 ? "file" : name, http.Request.Body, maxLength, http.RequestAborted);
        await WriteAsync(http, json =>
        {
            json.WriteString("name", file.Name);
            json.WriteNumber("bytes", file.Length);
        });
    }

    /// <summary>
    /// Pictures, known by their first bytes, to be looked at; all else as a download: what is in a file of a stranger must not run in the
    /// page of this server.
    /// </summary>
    static async Task SendAsync(HttpContext http)
    {
        var name = (string)http.GetRouteValue("name")!;
        var process = Find(http);
        var file = http.RequestServices.GetRequiredService<PageProcesses>().Table.Files(process.Id)
            .FirstOrDefault(file => file.Name == name)
            ?? throw new NoosException(ErrorKind.NotFound, $"The conversation has no file '{name}'; it was taken away.");
        var type = await FindPictureAsync(file.Path, http.RequestAborted);
        PageHeaders.Set(http.Response);
        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'";
        http.Response.ContentType = type ?? "application/octet-stream";
        if (type is null)
        {
            Name(http, name);
        }

        http.Response.ContentLength = file.Length;
        await http.Response.SendFileAsync(file.Path, 0, file.Length, http.RequestAborted);
    }

    static async Task ExportAsync(HttpContext http)
    {
        var process = Find(http);
        var table = http.RequestServices.GetRequiredService<PageProcesses>().Table;
        var history = table.ReadHistory(process.Id);
        var messages = history.Messages;
        var tries = CodeRunFile.Last(messages, table.PersonCalls(process.Id, history));
        var (text, type, extension) = (string?)http.GetRouteValue("format") switch
        {
            "json" => (
                ConversationExport.ToJson(process, messages, tries, table.Files(process.Id)), "application/json; charset=utf-8", "json"),
            "md" => (ConversationExport.ToMarkdown(process, messages, tries), "text/markdown; charset=utf-8", "md"),
            _ => throw new NoosException(ErrorKind.NotFound, "A conversation is exported as export.json or export.md."),
        };
        PageHeaders.Set(http.Response);
        http.Response.ContentType = type;
        Name(http, $"{GivenFiles.CleanName(process.Title ?? "conversation")}.{extension}");
        await http.Response.WriteAsync(text, Encoding.UTF8, http.RequestAborted);
    }

    static async Task ImportAsync(HttpContext http)
    {
        var services = http.RequestServices;
        AllowLength(http, services.GetRequiredService<PagesOptions>().MaxImportLength);
        var table = services.GetRequiredService<PageProcesses>().Table;
        var owner = services.GetRequiredService<PageVisitor>().For(http).Principal.Owner;
        var count = 0;
        foreach (var conversation in await ConversationImport.ReadAsync(http.Request.Body, http.RequestAborted))
        {
            var process = await table.SpawnAsync(
                new ProcessStart(owner, ProcessKind.Conversation, new ProcessProgram { Name = "page" })
                {
                    Title = conversation.Title,
                    Messages = conversation.Messages,
                    PersonCalls = conversation.CodeRuns,
                },
                http.RequestAborted);
            foreach (var picture in conversation.Pictures)
            {
                using var content = new MemoryStream(picture.Content, writable: false);
                await table.GiveFileAsync(process.Id, picture.Name, content, cancellationToken: http.RequestAborted);
            }

            count++;
        }

        await WriteAsync(http, json => json.WriteNumber("count", count));
    }

    static ProcessRecord Find(HttpContext http)
    {
        var id = long.Parse((string)http.GetRouteValue("id")!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return http.RequestServices.GetRequiredService<PageVisitor>().For(http).Find(id)
            ?? throw new NoosException(ErrorKind.NotFound, $"There is no conversation {id}.");
    }

    /// <summary>What somebody says into the microphone of the page, as text.</summary>
    static async Task HearAsync(HttpContext http)
    {
        var services = http.RequestServices;
        AllowLength(http, MaxHeardLength);
        using var recording = new MemoryStream();
        await http.Request.Body.CopyToAsync(recording, http.RequestAborted);
        if (recording.Length > MaxHeardLength)
        {
            throw new NoosException(
                ErrorKind.Refused,
                $"That is longer than the {MicrophoneDevice.MaxSeconds} seconds that are heard at once; say it in parts.");
        }

        recording.Position = 0;
        var owner = services.GetRequiredService<PageVisitor>().For(http).Principal.Owner;
        var text = await services.GetRequiredService<MicrophoneDevice>().HearAsync(owner, recording, http.RequestAborted);
        await WriteAsync(http, json => json.WriteString("text", text));
    }

    static void AllowLength(HttpContext http, long length)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            // Files have a limit of their own, which is told in a sentence.
            limit.MaxRequestBodySize = length + 1;
        }
    }

    static void Name(HttpContext http, string name)
    {
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(name);
        http.Response.Headers.ContentDisposition = disposition.ToString();
    }

    static async Task WriteAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        using var content = new MemoryStream();
        using (var json = new Utf8JsonWriter(content))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        http.Response.ContentType = "application/json";
        http.Response.ContentLength = content.Length;
        await http.Response.Body.WriteAsync(content.GetBuffer().AsMemory(0, (int)content.Length), http.RequestAborted);
    }

    static async Task<string?> FindPictureAsync(string path, CancellationToken cancellationToken)
    {
        var start = new byte[SignatureLength];
        await using var file = File.OpenRead(path);
        var length = await file.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        var bytes = start.AsSpan(0, length);
        return bytes.StartsWith(s_png) ? "image/png"
            : bytes.StartsWith(s_jpeg) ? "image/jpeg"
            : bytes.StartsWith("GIF8"u8) ? "image/gif"
            : bytes.StartsWith("RIFF"u8) && bytes.Length > 11 && bytes[8..].StartsWith("WEBP"u8) ? "image/webp"
            : bytes.StartsWith("BM"u8) && bytes.Length > 18 && bytes[15..18] is [0, 0, 0] ? "image/bmp"
            : bytes.StartsWith("<svg"u8) || bytes.StartsWith("<?xml"u8) ? "image/svg+xml"
            : null;
    }
}
