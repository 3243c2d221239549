using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Noos.Server.OpenAi;

/// <summary>
/// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) of one answer. While the next one is waited for, a
/// comment is sent now and then, which clients pass over and which tells them and what lies between that the answer is still coming.
/// For one request; not thread-safe.
/// </summary>
sealed class EventStream(HttpContext http, TimeProvider timeProvider, TimeSpan pingInterval)
{
    bool _isOpen;

    /// <summary>The next event is there, or there is none. After a comment the status cannot be changed any more.</summary>
    public async Task<bool> WaitAsync(ValueTask<bool> next)
    {
        if (next.IsCompleted || pingInterval <= TimeSpan.Zero)
        {
            return await next;
        }

        var task = next.AsTask();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        while (await Task.WhenAny(task, Task.Delay(pingInterval, timeProvider, stop.Token)) != task && !stop.IsCancellationRequested)
        {
            Write(": ping\n\n"u8);
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
        }

        await stop.CancelAsync();
        return await task;
    }

    /// <param name="message">The data.</param>
    /// <param name="type">How it is written.</param>
    /// <param name="id">What a client that comes back says it has seen; null for nothing.</param>
    /// <param name="name">What kind of event it is, for clients that listen by kinds; null for none.</param>
    public async Task SendAsync<T>(T message, JsonTypeInfo<T> type, string? id = null, string? name = null)
    {
        if (name is not null)
        {
            Write(Encoding.UTF8.GetBytes($"event: {name}\n"));
        }

        if (id is not null)
        {
            Write(Encoding.UTF8.GetBytes($"id: {id}\n"));
        }

        Write("data: "u8);
        http.Response.BodyWriter.Write(JsonSerializer.SerializeToUtf8Bytes(message, type));
        Write("\n\n"u8);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    /// <summary>Begins the answer before there is anything to say.</summary>
    public async Task OpenAsync()
    {
        Write(": open\n\n"u8);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    void Write(ReadOnlySpan<byte> text)
    {
        if (!_isOpen)
        {
            _isOpen = true;
            http.Response.ContentType = "text/event-stream";
            http.Response.Headers.CacheControl = "no-cache";

            // nginx would collect what is sent.
            http.Response.Headers["X-Accel-Buffering"] = "no";
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        }

        http.Response.BodyWriter.Write(text);
    }
}
