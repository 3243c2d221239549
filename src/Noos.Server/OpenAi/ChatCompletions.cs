using System.Text;
using Microsoft.AspNetCore.Http;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Tracing;
using Noos.Server.Answers;

namespace Noos.Server.OpenAi;

/// <summary>
/// <c>POST /v1/chat/completions</c>. Where the request declares tools, the model's calls are returned for the client to run. Else the
/// server's tools run, and their calls and results stand in the field "noos" beside "choices" (one event a chunk when streaming).
/// </summary>
/// <param name="answers">Answers.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="pingInterval">How often a stream that has nothing to say gives a sign of life.</param>
sealed class ChatCompletions(AnswerService answers, TimeProvider timeProvider, TimeSpan pingInterval)
{
    public Task HandleAsync(HttpContext http) => answers.HandleAsync(
        http, ChatRequest.Parse, request => request.Answer,
        (request, answer) => request.Stream ? StreamAsync(http, request, answer) : WriteAsync(http, request, answer));

    async Task WriteAsync(HttpContext http, ChatRequest request, Answer answer)
    {
        var traces = await answer.CollectAsync();
        AnswerSummary[] summaries = [.. traces.Select(trace => AnswerSummary.From(trace, request.Answer.UsesServerTools))];
        Part[] before = [.. ReadBefore(request)];
        var isOne = traces.Count == 1;
        await http.Response.WriteAsJsonAsync(
            new CompletionBody(
                NewId(), Now(), AnswerSummary.FindModel(summaries, answer),
                [
                    .. summaries.Select((summary, index) =>
                        ToChoice(
                        summary, index, Annotation.Find(summary.Text, before.Concat(traces[index].Read)),
                        isOne ? null : Visible(traces[index], request))),
                ],
                Usage.From(AnswerUsage.From(traces, request.Answer.Count)),
                isOne ? Visible(traces[0], request) : null),
            WireJson.Default.CompletionBody,
            cancellationToken: http.RequestAborted);
    }

    static Choice ToChoice(
        AnswerSummary summary, int index, IReadOnlyList<Annotation>? annotations, IReadOnlyList<TraceEvent>? events)
    {
        var calls = summary.Calls.Select(call => ToWire(call, index: null)).ToArray();
        var message = new AssistantMessage(
            summary.Text.Length == 0 && calls.Length > 0 ? null : summary.Text,
            calls.Length == 0 ? null : calls,
            summary.Thoughts.Length == 0 ? null : summary.Thoughts,
            annotations);
        return new Choice(
            index, message, summary.FinishReason, LogProbabilities.From(summary.Scores), summary.StopReason ?? summary.StopSequence,
            events);
    }

    /// <summary>What our own field tells of an answer; null for nothing.</summary>
    static TraceEvent[]? Visible(Trace trace, ChatRequest request)
    {
        TraceEvent[] events =
        [
            .. trace.Events.Where(item => item is FailoverEvent || (request.Answer.UsesServerTools && item is not ScoresEvent)),
        ];
        return request.Answer.UsesServerTools || events.Length > 0 ? events : null;
    }

    async Task StreamAsync(HttpContext http, ChatRequest request, Answer answer)
    {
        using var stream = new EventStream(http, timeProvider, pingInterval);
        var (id, created, model) = (NewId(), Now(), answer.Model);
        var usage = new AnswerUsage();
        var lasts = new ModelRunEvent?[request.Answer.Count];
        var calls = new int[request.Answer.Count];
        var said = lasts.Select(_ => new StringBuilder()).ToArray();
        var read = lasts.Select(_ => ReadBefore(request).ToList()).ToArray();
        await new AnswerStream(http, answer, stream) { Begin = BeginAsync, Tell = TellAsync, End = EndAsync }.SendAsync();

        async Task BeginAsync(string who)
        {
            model = who;
            for (var index = 0; index < request.Answer.Count; index++)
            {
                await SendAsync(index, new Delta("assistant", ""));
            }
        }

        Task TellAsync(AnswerEvent happened)
        {
            var (index, item) = happened;
            usage.Add(item, countsPrompt: index == 0);
            lasts[index] = item as ModelRunEvent ?? lasts[index];
            switch (item)
            {
                case RunStartedEvent:
                    return Task.CompletedTask;
                case TextEvent text:
                    said[index].Append(text.Text);
                    return SendAsync(index, new Delta(Content: text.Text));
                case ThoughtEvent thought:
                    return SendAsync(index, new Delta(ReasoningContent: thought.Text));
                case ScoresEvent scored:
                    return SendAsync(index, new Delta(), scores: scored.Tokens);
                case FailoverEvent other:
                    model = other.To;
                    return SendAsync(index, new Delta(), item: other);
                case ToolCallEvent call when !request.Answer.UsesServerTools:
                    return SendAsync(index, new Delta(ToolCalls: [ToWire(call, calls[index]++)]));
                case ModelRunEvent when !request.Answer.UsesServerTools:
                    return Task.CompletedTask;
                default:
                    read[index].AddRange(item is ToolResultEvent result ? [result.ToPart()] : []);
                    return SendAsync(index, new Delta(), item: item);
            }
        }

        async Task EndAsync()
        {
            for (var index = 0; index < lasts.Length; index++)
            {
                if (Annotation.Find(said[index].ToString(), read[index]) is { } annotations)
                {
                    await SendAsync(index, new Delta(Annotations: annotations));
                }

                var last = lasts[index];
                await SendAsync(
                    index, new Delta(), last?.FinishReason ?? FinishReasons.Stop, stopReason: last?.StopReason ?? last?.StopSequence);
            }

            if (request.IncludeUsage)
            {
                await stream.SendAsync(
                    new CompletionChunk(id, created, model, [], Usage.From(usage)), WireJson.Default.CompletionChunk);
            }

            await stream.EndAsync();
        }

        Task SendAsync(
            int index, Delta delta, string? finishReason = null, TraceEvent? item = null, IReadOnlyList<ScoredToken>? scores = null,
            string? stopReason = null) => stream.SendAsync(
                new CompletionChunk(
                    id, created, model, [new ChunkChoice(index, delta, finishReason, LogProbabilities.From(scores), stopReason)],
                    Noos: item is null ? null : [item]),
                WireJson.Default.CompletionChunk);
    }

    /// <summary>What tools of the client, or earlier ones of the server, have answered.</summary>
    static IEnumerable<Part> ReadBefore(ChatRequest request) =>
        request.Answer.Turn.Conversation.Messages.SelectMany(message => message.Parts).OfType<ToolResultPart>();

    static ToolCall ToWire(ToolCallEvent call, int? index) =>
        new(index, call.CallId, new FunctionCall(call.Name, call.Arguments.GetRawText()));

    static string NewId() => $"chatcmpl-{Guid.NewGuid():N}";

    long Now() => timeProvider.GetUtcNow().ToUnixTimeSeconds();
}
