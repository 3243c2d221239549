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
sealed class EventStream(HttpContext http, TimeProvider timeProvider, TimeSpan pingInterval) : IDisposable
{
    readonly CancellationTokenSource _stop = new();
    Utf8JsonWriter? _json;

    // One clock for many events: each token of an answer would set one of its own otherwise.
    Task _pause = Task.CompletedTask;
    long _lastSign = timeProvider.GetTimestamp();
    bool _isOpen;

    /// <summary>The next event is there, or there is none. After a comment the status cannot be changed any more.</summary>
    public async Task<bool> WaitAsync(ValueTask<bool> next)
    {
        if (next.IsCompleted || pingInterval <= TimeSpan.Zero)
        {
            return await next;
        }

        var task = next.AsTask();
        while (true)
        {
            if (_pause.IsCompleted)
            {
                var left = pingInterval - timeProvider.GetElapsedTime(_lastSign);
                _pause = Task.Delay(left > TimeSpan.Zero ? left : pingInterval, timeProvider, _stop.Token);
            }

            if (await Task.WhenAny(task, _pause) == task || http.RequestAborted.IsCancellationRequested)
            {
                return await task;
            }

            if (timeProvider.GetElapsedTime(_lastSign) >= pingInterval)
            {
                Write(": ping\n\n"u8);
                await FlushAsync();
            }
        }
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
        _json ??= new Utf8JsonWriter(http.Response.BodyWriter, new JsonWriterOptions { Encoder = type.Options.Encoder });
        JsonSerializer.Serialize(_json, message, type);
        _json.Flush();
        _json.Reset();
        Write("\n\n"u8);
        await FlushAsync();
    }

    /// <summary>The last word of OpenAI's streams.</summary>
    public async Task EndAsync()
    {
        Write("data: [DONE]\n\n"u8);
        await FlushAsync();
    }

    /// <summary>Begins the answer before there is anything to say.</summary>
    public async Task OpenAsync()
    {
        Write(": open\n\n"u8);
        await FlushAsync();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _json?.Dispose();
    }

    async ValueTask FlushAsync()
    {
        _lastSign = timeProvider.GetTimestamp();
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
