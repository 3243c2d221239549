using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Noos.Testing;

/// <summary>
/// A vision model behind an OpenAI-compatible address, over real sockets: says what it is told to, and keeps what it was asked. A stand-in
/// for the wire format alone.
/// </summary>
/// <param name="says">The answer to every question.</param>
/// <param name="status">Of HTTP; an error is told as OpenAI does.</param>
public sealed class LoopbackVision(string says, int status = 200) : IDisposable
{
    readonly HttpListener _listener = new();
    Task? _loop;

    /// <summary>For NOOS_EYE and --model.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The bodies of all requests.</summary>
    public ConcurrentQueue<JsonElement> Requests { get; } = new();

    /// <summary>The addresses of all pictures in the requests: data and its type.</summary>
    public IEnumerable<string> Pictures => Requests
        .SelectMany(request => request.GetProperty("messages").EnumerateArray())
        .Select(message => message.GetProperty("content")).Where(content => content.ValueKind == JsonValueKind.Array)
        .SelectMany(content => content.EnumerateArray()).Where(part => part.GetProperty("type").GetString() == "image_url")
        .Select(part => part.GetProperty("image_url").GetProperty("url").GetString()!);

    public LoopbackVision Start()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            var port = ((IPEndPoint)free.LocalEndpoint).Port;
            Address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/v1#looker");
            _listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
        }

        _listener.Start();
        _loop = Task.Run(ServeAsync);
        return this;
    }

    public void Dispose()
    {
        _listener.Close();
        _loop?.Wait();
    }

    async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var body = await JsonDocument.ParseAsync(context.Request.InputStream);
                var request = body.RootElement.Clone();
                Requests.Enqueue(request);
                context.Response.StatusCode = status;
                context.Response.ContentType = status == 200 ? "text/event-stream" : "application/json";
                var answer = status == 200 ? Stream() : """{"error": {"message": "no pictures today", "type": "server_error"}}""";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    string Stream() => Chunk($$"""{"role": "assistant", "content": {{JsonSerializer.Serialize(says)}}}""", "null")
        + Chunk("{}", "\"stop\"") + "data: [DONE]\n\n";

    static string Chunk(string delta, string reason) =>
        $$"""data: {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "looker", "choices": [{"index": 0, "delta": """
        + $$"""{{delta}}, "finish_reason": {{reason}}}]}""" + "\n\n";
}
