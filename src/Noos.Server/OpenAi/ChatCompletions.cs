using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Noos.Core;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Tracing;

namespace Noos.Server.OpenAi;

/// <summary>
/// <c>POST /v1/chat/completions</c>. Where the request declares tools, the model's calls are returned for the client to run. Else the
/// server's tools run, and their calls and results stand in the field "noos" beside "choices" (one event a chunk when streaming).
/// </summary>
sealed class ChatCompletions(Assistant assistant, TimeProvider timeProvider)
{
    public async Task HandleAsync(HttpContext http)
    {
        var request = ChatRequest.Parse(await RequestBody.ReadAsync(http));
        if (!assistant.Cpu.Info.Can.HasFlag(CpuFeatures.Adapt) && request.Turn.Options.AdapterScales is { Count: > 0 })
        {
            throw ApiException.Invalid("lora", "The model of this server runs elsewhere, so it has no adapters here.");
        }

        var events = request.UsesServerTools
            ? assistant.AnswerAsync(request.Turn, http.RequestAborted)
            : assistant.RunAsync(request.Turn, http.RequestAborted);
        if (request.Stream)
        {
            await StreamAsync(http, request, events);
        }
        else
        {
            await AnswerAsync(http, request, events);
        }
    }

    async Task AnswerAsync(HttpContext http, ChatRequest request, IAsyncEnumerable<TraceEvent> events)
    {
        var trace = new Trace();
        await foreach (var item in events)
        {
            trace.Add(item);
        }

        var text = string.Concat(trace.Events.OfType<TextEvent>().Select(item => item.Text));
        var thoughts = string.Concat(trace.Events.OfType<ThoughtEvent>().Select(item => item.Text));
        var scores = trace.Events.OfType<ScoresEvent>().SelectMany(item => item.Tokens).ToArray();
        var calls = request.UsesServerTools ? [] : trace.Calls.Select(call => ToWire(call, index: null)).ToArray();
        var answer = new AssistantMessage(
            text.Length == 0 && calls.Length > 0 ? null : text,
            calls.Length == 0 ? null : calls,
            thoughts.Length == 0 ? null : thoughts);
        await http.Response.WriteAsJsonAsync(
            new CompletionBody(
                NewId(), Now(), assistant.ModelName,
                [new Choice(0, answer, trace.FinishReason ?? "stop", LogProbabilities.From(scores), trace.StopReason)],
                Usage.From(trace.Events),
                request.UsesServerTools ? [.. trace.Events.Where(item => item is not ScoresEvent)] : null),
            WireJson.Default.CompletionBody,
            cancellationToken: http.RequestAborted);
    }

    async Task StreamAsync(HttpContext http, ChatRequest request, IAsyncEnumerable<TraceEvent> events)
    {
        await using var enumerator = events.GetAsyncEnumerator(http.RequestAborted);

        // The first event decides the status: a question that is too long is still a 400.
        var any = await enumerator.MoveNextAsync();
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        var (id, created, model) = (NewId(), Now(), assistant.ModelName);
        CompletionChunk Chunk(
            Delta delta, string? finishReason = null, TraceEvent? item = null, IReadOnlyList<ScoredToken>? scores = null,
            string? stopReason = null) =>
            new(
                id,
                created,
                model,
                [new ChunkChoice(0, delta, finishReason, LogProbabilities.From(scores), stopReason)],
                Noos: item is null ? null : [item]);

        await SendAsync(http, Chunk(new Delta("assistant", "")));
        var seen = new List<ModelRunEvent>();
        try
        {
            for (var callIndex = 0; any; any = await enumerator.MoveNextAsync())
            {
                switch (enumerator.Current)
                {
                    case TextEvent text:
                        await SendAsync(http, Chunk(new Delta(Content: text.Text)));
                        break;
                    case ThoughtEvent thought:
                        await SendAsync(http, Chunk(new Delta(ReasoningContent: thought.Text)));
                        break;
                    case ScoresEvent item:
                        await SendAsync(http, Chunk(new Delta(), scores: item.Tokens));
                        break;
                    case ToolCallEvent call when !request.UsesServerTools:
                        await SendAsync(http, Chunk(new Delta(ToolCalls: [ToWire(call, callIndex++)])));
                        break;
                    case ModelRunEvent run when !request.UsesServerTools:
                        seen.Add(run);
                        break;
                    case var item:
                        seen.AddRange(item is ModelRunEvent ended ? [ended] : []);
                        await SendAsync(http, Chunk(new Delta(), item: item));
                        break;
                }
            }
        }
        catch (NoosException exception)
        {
            await SendAsync(http, ApiException.From(exception).Body, WireJson.Default.ApiErrorBody);
            return;
        }

        var last = seen.LastOrDefault();
        await SendAsync(http, Chunk(new Delta(), last?.FinishReason ?? "stop", stopReason: last?.StopReason));
        if (request.IncludeUsage)
        {
            await SendAsync(http, new CompletionChunk(id, created, model, [], Usage.From(seen)));
        }

        await http.Response.WriteAsync("data: [DONE]\n\n", http.RequestAborted);
    }

    static Task SendAsync(HttpContext http, CompletionChunk chunk) => SendAsync(http, chunk, WireJson.Default.CompletionChunk);

    static async Task SendAsync<T>(HttpContext http, T message, JsonTypeInfo<T> type)
    {
        var writer = http.Response.BodyWriter;
        writer.Write("data: "u8);
        writer.Write(JsonSerializer.SerializeToUtf8Bytes(message, type));
        writer.Write("\n\n"u8);
        await writer.FlushAsync(http.RequestAborted);
    }

    static ToolCall ToWire(ToolCallEvent call, int? index) =>
        new(index, call.CallId, new FunctionCall(call.Name, call.Arguments.GetRawText()));

    static string NewId() => $"chatcmpl-{Guid.NewGuid():N}";

    long Now() => timeProvider.GetUtcNow().ToUnixTimeSeconds();
}
