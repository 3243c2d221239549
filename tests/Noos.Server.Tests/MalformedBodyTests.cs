using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;

namespace Noos.Server.Tests;

/// <summary>Whatever is sent to whatever is served: an answer with the right status, and an error in the shape of its API.</summary>
public sealed class MalformedBodyTests
{
    const int Requests = 10_000;
    const int Workers = 8;

    static readonly string[] s_ollama =
    [
        "/api/chat", "/api/generate", "/api/tags", "/api/ps", "/api/show", "/api/version", "/api/embed", "/api/embeddings", "/api/pull",
    ];

    // Bodies that are right, of which parts are broken.
    static readonly string[] s_bodies =
    [
        """
        {"model": "quick", "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}, {"type": "image_url", "image_url":
         {"url": "data:image/png;base64,AAAA"}}]}], "n": 2, "stream": true, "tools": [{"type": "function", "function": {"name": "f"}}],
         "tool_choice": "auto", "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}, "stop": ["a"]}
        """,
        """
        {"model": "quick", "max_tokens": 5, "system": "s", "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content":
         [{"type": "tool_use", "id": "1", "name": "f", "input": {}}]}, {"role": "user", "content": [{"type": "tool_result", "tool_use_id":
         "1", "content": "x"}]}], "tools": [{"name": "f", "input_schema": {}}], "tool_choice": {"type": "any"}, "stop_sequences": ["a"]}
        """,
        """
        {"model": "quick", "input": [{"role": "user", "content": [{"type": "input_text", "text": "a"}]}, {"type": "function_call",
         "call_id": "1", "name": "f", "arguments": "{}"}, {"type": "function_call_output", "call_id": "1", "output": "x"}], "tools":
         [{"type": "function", "name": "f", "parameters": {}}], "text": {"format": {"type": "text"}}, "reasoning": {"effort": "low"},
         "stream": true}
        """,
        """
        {"model": "quick", "prompt": ["a", "b"], "logprobs": 2, "echo": false, "stop": "x", "max_tokens": 3, "stream_options": {}}
        """,
        """
        {"model": "quick", "messages": [{"role": "user", "content": "hi", "images": ["AAAA"]}, {"role": "assistant", "tool_calls":
         [{"function": {"name": "f", "arguments": {}}}]}, {"role": "tool", "content": "x"}], "options": {"temperature": 0},
         "format": "json", "think": true, "keep_alive": "5m"}
        """,
        """{"model": "quick", "input": ["a", [1, 2]], "dimensions": 3, "encoding_format": "base64"}""",
        """{"model": "quick", "query": "q", "documents": ["a", {"text": "b"}], "top_n": 1, "return_documents": true}""",
        """{"owner": "o", "message": "hi", "title": "t", "options": {"seed": 1}, "limits": {"depth": 1}, "tools": []}""",
        """{"message": "m", "cron": "@daily", "missed": "once", "text": "a fact", "labels": ["l"], "granted": true, "scope": "once"}""",
    ];

    static readonly string[] s_names =
    [
        "model", "messages", "input", "prompt", "content", "role", "stream", "n", "tools", "options", "stop", "max_tokens", "id", "type",
        "seed", "temperature", "logprobs", "format", "system", "text", "at", "cron", "title", "message", "name", "call_id", "arguments",
    ];

    static readonly string[] s_ids = ["resp_x", "file-x", "..%2f..", "a%20b", "quick", new string('x', 300)];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_malformed_requests_over_all_routes_get_an_answer_of_their_api_each()
    {
        await using var home = await RunningHome.StartAsync(new QuickCpu());
        // The login is a page for people, and answers as one.
        (string Path, string Method)[] routes =
            [.. home.Routes.Where(route => route.Method != "OPTIONS" && route.Path is not "/login").Distinct()];
        Assert.True(routes.Length > 50, $"{routes.Length} routes");
        var faults = new ConcurrentQueue<string>();
        var statuses = new ConcurrentDictionary<int, int>();
        var next = -1;

        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(WorkAsync, Token)));

        Assert.True(faults.IsEmpty, string.Join('\n', faults.Take(10)));
        Assert.True(statuses.GetValueOrDefault(400) > Requests / 4, string.Join(", ", statuses));
        Assert.Equal("ok", (await home.GetAsync("health")).GetProperty("status").GetString());

        async Task WorkAsync()
        {
            while (Interlocked.Increment(ref next) is var number && number < Requests)
            {
                // Each request is the same in every run, whichever worker sends it.
                var random = new Random(number);
                var (path, method) = routes[number % routes.Length];
                method = random.Next(20) == 0 ? "PUT" : method;
                path = Fill(path, random);
                var body = method == "GET" ? null : Body(random);
                using var request = new HttpRequestMessage(
                    new HttpMethod(method), new Uri(path.TrimStart('/') + Query(method, random), UriKind.Relative));
                if (body is not null)
                {
                    request.Content = new ByteArrayContent(body);
                    request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(
                        random.Next(12) == 0 ? "multipart/form-data; boundary=x" : "application/json");
                }

                var (status, text) = await AnswerAsync(request);
                statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
                if (status >= 500 || (status >= 400 && !HasShape(path, text)))
                {
                    faults.Enqueue($"{number}: {method} {request.RequestUri}: {status} {text}\n{Encoding.UTF8.GetString(body ?? [])}");
                }
            }
        }

        async Task<(int Status, string Text)> AnswerAsync(HttpRequestMessage request)
        {
            try
            {
                using var response = await home.Http.SendAsync(request, Token);
                return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Token));
            }
            catch (Exception exception)
                when (exception is HttpRequestException or OperationCanceledException && !Token.IsCancellationRequested)
            {
                // One that gets no answer is named like all others, with a status that no server gives.
                return (599, exception.Message);
            }
        }
    }

    static bool HasShape(string path, string text)
    {
        if (path.StartsWith("/mcp", StringComparison.Ordinal) || path == "/login")
        {
            // JSON-RPC, as the library has it; a page for people.
            return true;
        }

        try
        {
            var error = JsonElement.Parse(text).GetProperty("error");
            return s_ollama.Contains(path) ? error.ValueKind == JsonValueKind.String
                : path.StartsWith("/v1/messages", StringComparison.Ordinal)
                    ? JsonElement.Parse(text).GetProperty("type").GetString() == "error" && error.GetProperty("type").GetString() is { }
                : error.GetProperty("message").GetString() is not null && error.GetProperty("type").GetString() is not null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    static string Fill(string path, Random random) => System.Text.RegularExpressions.Regex.Replace(
        path.StartsWith('/') ? path : "/" + path, @"\{[^}]*\}",
        match => match.Value.Contains(":long", StringComparison.Ordinal) || random.Next(2) == 0
            ? $"{random.Next(-1, 5)}"
            : s_ids[random.Next(s_ids.Length)],
        System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));

    static string Query(string method, Random random) => method != "GET" || random.Next(2) == 0 ? "" : random.Next(6) switch
    {
        0 => "?limit=-1",
        1 => "?limit=99999999999999999999",
        2 => "?after=%00&order=up",
        3 => "?state=none&all=maybe",
        4 => "?owner=o&q=%22*%28",
        _ => "?unknown=1",
    };

    static byte[] Body(Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                var bytes = new byte[random.Next(200)];
                random.NextBytes(bytes);
                return bytes;
            case 1:
                var whole = s_bodies[random.Next(s_bodies.Length)];
                return Encoding.UTF8.GetBytes(whole[..random.Next(whole.Length)]);
            case 2:
                return Encoding.UTF8.GetBytes(random.Next(6) switch
                {
                    0 => string.Concat(Enumerable.Repeat("[", 2000)),
                    1 => "{\"messages\": " + string.Concat(Enumerable.Repeat("{\"a\":", 200)),
                    2 => """{"input": "\ud800", "prompt": "\udc00", "messages": [{"role": "user", "content": "\ud800"}]}""",
                    4 => """{"input": [{"role": "user", "role": "user", "content": "a"}], "metadata": {"a": "b", "a": "c"}}""",
                    3 => "{\"n\": 1e999, \"seed\": -1e999, \"max_tokens\": 123456789012345678901234567890}",
                    _ => "{\"model\": \"a\", \"model\": 5, \"\": {}, \"input\": \"\\u0000\"}",
                });
            case 3:
                return Encoding.UTF8.GetBytes(
                    "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\u202e/../a\"\r\n\r\nabc"
                    + (random.Next(2) == 0 ? "\r\n--x--\r\n" : ""));
            case 4:
                return Encoding.UTF8.GetBytes(Value(random, 4)?.ToJsonString() ?? "null");
            default:
                var node = JsonNode.Parse(s_bodies[random.Next(s_bodies.Length)])!;
                for (var changes = random.Next(1, 4); changes > 0; changes--)
                {
                    Break(node, random);
                }

                return Encoding.UTF8.GetBytes(node.ToJsonString());
        }
    }

    /// <summary>Puts something else in some place.</summary>
    static void Break(JsonNode node, Random random)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } fields:
                var name = fields.ElementAt(random.Next(fields.Count)).Key;
                if (fields[name] is JsonObject or JsonArray && random.Next(4) != 0)
                {
                    Break(fields[name]!, random);
                }
                else if (random.Next(5) == 0)
                {
                    fields.Remove(name);
                }
                else
                {
                    fields[random.Next(5) == 0 ? s_names[random.Next(s_names.Length)] : name] = Value(random, 3);
                }

                break;
            case JsonArray { Count: > 0 } list:
                var index = random.Next(list.Count);
                if (list[index] is JsonObject or JsonArray && random.Next(4) != 0)
                {
                    Break(list[index]!, random);
                }
                else
                {
                    list[index] = Value(random, 3);
                }

                break;
        }
    }

    static JsonNode? Value(Random random, int depth) => random.Next(depth > 0 ? 11 : 9) switch
    {
        0 => null,
        1 => true,
        2 => false,
        3 => random.Next(-3, 200),
        4 => random.NextDouble() * 1e300,
        5 => "",
        6 => "user",
        7 => new string('x', random.Next(100)),
        8 => -1,
        9 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1))]),
        _ => new JsonObject(Enumerable.Range(0, random.Next(4)).Select(_ => s_names[random.Next(s_names.Length)]).Distinct()
            .Select(name => KeyValuePair.Create(name, Value(random, depth - 1)))),
    };

    /// <summary>Says one word to whatever it is asked.</summary>
    sealed class QuickCpu : ICpu
    {
        public CpuInfo Info { get; } = new("quick", CpuFeatures.Constrain | CpuFeatures.Score | CpuFeatures.See);

        public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => conversation.Messages.Count;

        public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            yield return new RunStarted();
            await Task.Yield();
            yield return new TextDelta("Yes.");
            yield return new RunFinished(new TokenUsage(1, 0, 1), FinishReasons.Stop, 1);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
