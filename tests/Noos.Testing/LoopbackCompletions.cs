using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Noos.Testing;

/// <summary>
/// An engine elsewhere as far as a training sees it: completions with token ids and log-probabilities in vLLM's form, over real sockets,
/// and an address that takes weights in.
/// </summary>
/// <param name="complete">
/// Gets the prompt, the seed and the most tokens; gives the tokens, how likely each was, and whether the answer ended by itself.
/// </param>
public sealed class LoopbackCompletions(
    Func<int[], long, int, (int[] Tokens, float[] LogProbabilities, bool IsEnded)> complete) : IDisposable
{
    readonly ReservedPort _port = new();
    readonly HttpListener _listener = new();
    Task? _loop;

    /// <summary>Of the API.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Asked to take weights in.</summary>
    public Uri Reload => new(Address, "/reload");

    /// <summary>The bodies of all requests, by path.</summary>
    public ConcurrentQueue<(string Path, JsonElement Body)> Requests { get; } = new();

    /// <summary>Told of the path of weights.</summary>
    public Action<string>? OnReload { get; init; }

    /// <summary>Answers in another form than asked for: plain texts.</summary>
    public bool IsPlain { get; set; }

    /// <summary>So many requests of those to come are refused.</summary>
    public int Refusals { get; set; }

    public LoopbackCompletions Start()
    {
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port.Number}/v1"));
        _listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port.Number}/"));
        _listener.Start();
        _loop = Task.Run(ServeAsync);
        return this;
    }

    public void Dispose()
    {
        _listener.Close();
        _loop?.Wait();
        _port.Dispose();
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
                Requests.Enqueue((context.Request.Url!.AbsolutePath, request));
                var isRefused = Refusals > 0;
                Refusals -= isRefused ? 1 : 0;
                context.Response.StatusCode = isRefused ? 503 : 200;
                var answer = isRefused ? "busy" : Answer(context.Request.Url.AbsolutePath, request);
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
                context.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    string Answer(string path, JsonElement request)
    {
        if (path == "/reload")
        {
            OnReload?.Invoke(request.GetProperty("path").GetString()!);
            return "{}";
        }

        var (tokens, scores, isEnded) = complete(
            [.. request.GetProperty("prompt").EnumerateArray().Select(token => token.GetInt32())], request.GetProperty("seed").GetInt64(),
            request.GetProperty("max_tokens").GetInt32());
        var choice = new JsonObject
        {
            ["index"] = 0,
            ["text"] = "ignored",
            ["finish_reason"] = isEnded ? "stop" : "length",
            ["logprobs"] = IsPlain ? null : new JsonObject
            {
                ["tokens"] = new JsonArray([.. tokens.Select(token => (JsonNode)$"token_id:{token}")]),
                ["token_logprobs"] = new JsonArray([.. scores.Select(score => (JsonNode)score)]),
            },
        };
        return new JsonObject { ["object"] = "text_completion", ["choices"] = new JsonArray(choice) }.ToJsonString();
    }
}
