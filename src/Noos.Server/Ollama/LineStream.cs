using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Noos.Server.Ollama;

/// <summary>
/// An answer of JSON lines (https://github.com/ndjson/ndjson-spec). Ollama's clients read every line as JSON, so there are no signs of life
/// between them. For one request; not thread-safe.
/// </summary>
sealed class LineStream(HttpContext http)
{
    bool _isOpen;

    public async Task SendAsync<T>(T line, JsonTypeInfo<T> type)
    {
        if (!_isOpen)
        {
            _isOpen = true;
            http.Response.ContentType = "application/x-ndjson";

            // nginx would collect what is sent.
            http.Response.Headers["X-Accel-Buffering"] = "no";
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        }

        http.Response.BodyWriter.Write(JsonSerializer.SerializeToUtf8Bytes(line, type));
        http.Response.BodyWriter.Write("\n"u8);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }
}
