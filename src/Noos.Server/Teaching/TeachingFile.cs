using Microsoft.AspNetCore.Http;
using Noos.Kernel.Teaching;

namespace Noos.Server.Teaching;

/// <summary>What somebody taught, as a file that is sent while it is read.</summary>
public static class TeachingFile
{
    static readonly byte[] s_lineEnd = "\n"u8.ToArray();

    /// <summary>Sends the lines of a form as a download, <c>noos-sft.jsonl</c> or <c>noos-pairs.jsonl</c>.</summary>
    public static async Task SendAsync(HttpContext http, TeachingStore store, string owner, TeachingForm form)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(store);
        var response = http.Response;
        response.ContentType = "application/jsonl; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=noos-{(form == TeachingForm.Sft ? "sft" : "pairs")}.jsonl";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        foreach (var line in store.Lines(owner, form))
        {
            await response.Body.WriteAsync(line, http.RequestAborted);
            await response.Body.WriteAsync(s_lineEnd, http.RequestAborted);
        }
    }
}
