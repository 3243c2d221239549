using System.Text;
using Microsoft.AspNetCore.Http;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Kernel.Tracing;
using Noos.Server.Accounts;
using Noos.Server.Files;
using Noos.Server.Hosting;

namespace Noos.Server.OpenAi;

/// <summary>
/// <c>POST /v1/chat/completions</c>. Where the request declares tools, the model's calls are returned for the client to run. Else the
/// server's tools run, and their calls and results stand in the field "noos" beside "choices" (one event a chunk when streaming).
/// </summary>
/// <param name="pingInterval">How often a stream that has nothing to say gives a sign of life.</param>
/// <param name="requests">Where it is listed while it is answered.</param>
sealed class ChatCompletions(Assistant assistant, RequestTable requests, TimeProvider timeProvider, TimeSpan pingInterval)
{
    const int MaxTitle = 60;
    const long MaxInlineLength = 8 << 20;

    public async Task HandleAsync(HttpContext http)
    {
        var request = ChatRequest.Parse(await RequestBody.ReadAsync(http));
        var model = Choose(request.Turn);
        if (!model.Can.HasFlag(CpuFeatures.Adapt) && request.Turn.Options.AdapterScales is { Count: > 0 })
        {
            throw ApiException.Invalid("lora", $"The model {model.Name} runs elsewhere, so it has no adapters here.");
        }

        using var process = requests.Begin(
            OwnerOf(http, request), new ProcessProgram
            {
                Model = model.Name,
                Fallbacks = request.Turn.Fallbacks,
                Options = request.Turn.Options,
            },
            TitleOf(request.Turn.Conversation), request.Turn.Priority, http.RequestAborted);
        ModelOperation.Name(http, model.Name);
        var turn = request.Turn with { Model = model.Name, Process = process.Record.Id, Owner = process.Record.Owner };
        var folder = turn.Conversation.Messages.Any(message => message.Parts.Any(part => part is FilePart))
            ? Directory.CreateTempSubdirectory("noos-request-").FullName
            : null;
        try
        {
            if (folder is not null)
            {
                turn = turn with { Conversation = await StoreAsync(turn.Conversation, folder, model, process.Token) };
            }

            var events = Watch(
                process, folder,
                request.UsesServerTools ? assistant.AnswerAsync(turn, folder, process.Token) : assistant.RunAsync(turn, process.Token));
            await (request.Stream
                ? StreamAsync(http, request, model.Name, events)
                : AnswerAsync(http, request, model.Name, events));
        }
        finally
        {
            if (folder is not null)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    async Task<Conversation> StoreAsync(
        Conversation conversation, string folder, CpuInfo model, CancellationToken cancellationToken)
    {
        var files = new MessageFiles(assistant.Cpu, model);
        var messages = new List<Message>(conversation.Messages.Count);
        foreach (var message in conversation.Messages)
        {
            messages.Add(await files.StoreAsync(message, folder, cancellationToken));
        }

        return new Conversation(messages);
    }

    /// <summary>
    /// "user" is whom a program asks for: the owner of the machine may let it say whose a request is; a member's requests are the member's,
    /// whomever the member's program serves.
    /// </summary>
    static string OwnerOf(HttpContext http, ChatRequest request) =>
        http.GetVisitor().Principal is { IsAdministrator: false } member ? member.Owner : http.GetVisitor().OwnerFor(request.User, "user");

    CpuInfo Choose(Turn turn)
    {
        foreach (var fallback in turn.Fallbacks ?? [])
        {
            _ = assistant.Cpu.Describe(fallback);
        }

        return Models.FindOrUsual(assistant.Cpu, turn.Model);
    }

    static async IAsyncEnumerable<TraceEvent> Watch(RequestProcess process, string? folder, IAsyncEnumerable<TraceEvent> events)
    {
        await using var enumerator = events.GetAsyncEnumerator(process.Token);
        while (true)
        {
            try
            {
                if (!await enumerator.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (OperationCanceledException) when (process.IsKilled)
            {
                throw process.ToException();
            }

            process.Note(enumerator.Current);
            yield return folder is not null && enumerator.Current is ToolResultEvent { Parts: { } parts } result
                ? result with { Parts = [.. parts.Select(part => Inline(part, folder))] }
                : enumerator.Current;
        }
    }

    /// <summary>A file of the folder with its content, for the folder goes with the request.</summary>
    static Part Inline(Part part, string folder) => part switch
    {
        ImagePart image => image with { Uri = Inline(image.Uri, image.MediaType, folder) },
        FilePart file => file with { Uri = Inline(file.Uri, file.MediaType, folder) },
        _ => part,
    };

    static string Inline(string uri, string? type, string folder) =>
        Uri.TryCreate(uri, UriKind.Absolute, out var address) && address.IsFile
        && GivenFiles.List(folder).FirstOrDefault(file => file.Path == address.LocalPath) is { Length: <= MaxInlineLength } file
            ? $"data:{type ?? "application/octet-stream"};base64,{Convert.ToBase64String(File.ReadAllBytes(file.Path))}"
            : uri;

    static string? TitleOf(Conversation conversation)
    {
        var text = conversation.Messages.LastOrDefault(message => message.Role == Role.User)?.Text().Trim() ?? "";
        var line = text.AsSpan().IndexOfAny('\r', '\n') is >= 0 and var end ? text[..end] : text;
        return line.Length == 0 ? null : line.Length <= MaxTitle ? line : line[..MaxTitle].TrimEnd() + "...";
    }

    async Task AnswerAsync(HttpContext http, ChatRequest request, string model, IAsyncEnumerable<TraceEvent> events)
    {
        var trace = new Trace();
        await foreach (var item in events)
        {
            trace.Add(item);
        }

        var text = string.Concat(trace.Events.OfType<TextEvent>().Select(item => item.Text));
        var thoughts = string.Concat(trace.Events.OfType<ThoughtEvent>().Select(item => item.Text));
        var others = trace.Events.OfType<FailoverEvent>().ToArray();
        var scores = trace.Events.OfType<ScoresEvent>().SelectMany(item => item.Tokens).ToArray();
        var calls = request.UsesServerTools ? [] : trace.Calls.Select(call => ToWire(call, index: null)).ToArray();
        var answer = new AssistantMessage(
            text.Length == 0 && calls.Length > 0 ? null : text,
            calls.Length == 0 ? null : calls,
            thoughts.Length == 0 ? null : thoughts,
            Annotation.Find(text, ReadBefore(request).Concat(trace.Read)));
        await http.Response.WriteAsJsonAsync(
            new CompletionBody(
                NewId(), Now(), others.LastOrDefault()?.To ?? model,
                [new Choice(0, answer, trace.FinishReason ?? "stop", LogProbabilities.From(scores), trace.StopReason)],
                Usage.From(trace.Events),
                request.UsesServerTools ? [.. trace.Events.Where(item => item is not ScoresEvent)]
                    : others.Length > 0 ? others
                    : null),
            WireJson.Default.CompletionBody,
            cancellationToken: http.RequestAborted);
    }

    async Task StreamAsync(HttpContext http, ChatRequest request, string model, IAsyncEnumerable<TraceEvent> events)
    {
        await using var enumerator = events.GetAsyncEnumerator(http.RequestAborted);
        using var stream = new EventStream(http, timeProvider, pingInterval);
        var (id, created) = (NewId(), Now());
        CompletionChunk Chunk(
            Delta delta, string? finishReason = null, TraceEvent? item = null, IReadOnlyList<ScoredToken>? scores = null,
            string? stopReason = null) =>
            new(
                id,
                created,
                model,
                [new ChunkChoice(0, delta, finishReason, LogProbabilities.From(scores), stopReason)],
                Noos: item is null ? null : [item]);

        Task SendAsync(CompletionChunk chunk) => stream.SendAsync(chunk, WireJson.Default.CompletionChunk);

        var seen = new List<ModelRunEvent>();
        var read = ReadBefore(request).ToList();
        var said = new StringBuilder();
        try
        {
            // The first event decides the status: a question that is too long is still a 400.
            var any = await stream.WaitAsync(enumerator.MoveNextAsync());
            model = any && enumerator.Current is FailoverEvent first ? first.To : model;
            await SendAsync(Chunk(new Delta("assistant", "")));
            for (var callIndex = 0; any; any = await stream.WaitAsync(enumerator.MoveNextAsync()))
            {
                switch (enumerator.Current)
                {
                    case RunStartedEvent:
                        break;
                    case TextEvent text:
                        said.Append(text.Text);
                        await SendAsync(Chunk(new Delta(Content: text.Text)));
                        break;
                    case ThoughtEvent thought:
                        await SendAsync(Chunk(new Delta(ReasoningContent: thought.Text)));
                        break;
                    case ScoresEvent item:
                        await SendAsync(Chunk(new Delta(), scores: item.Tokens));
                        break;
                    case FailoverEvent other:
                        model = other.To;
                        await SendAsync(Chunk(new Delta(), item: other));
                        break;
                    case ToolCallEvent call when !request.UsesServerTools:
                        await SendAsync(Chunk(new Delta(ToolCalls: [ToWire(call, callIndex++)])));
                        break;
                    case ModelRunEvent run when !request.UsesServerTools:
                        seen.Add(run);
                        break;
                    case var item:
                        read.AddRange(item is ToolResultEvent result ? [result.ToPart()] : []);
                        seen.AddRange(item is ModelRunEvent ended ? [ended] : []);
                        await SendAsync(Chunk(new Delta(), item: item));
                        break;
                }
            }
        }
        catch (NoosException exception) when (http.Response.HasStarted)
        {
            await stream.SendAsync(ApiException.From(exception).Body, WireJson.Default.ApiErrorBody);
            return;
        }

        if (Annotation.Find(said.ToString(), read) is { } annotations)
        {
            await SendAsync(Chunk(new Delta(Annotations: annotations)));
        }

        var last = seen.LastOrDefault();
        await SendAsync(Chunk(new Delta(), last?.FinishReason ?? "stop", stopReason: last?.StopReason));
        if (request.IncludeUsage)
        {
            await SendAsync(new CompletionChunk(id, created, model, [], Usage.From(seen)));
        }

        await http.Response.WriteAsync("data: [DONE]\n\n", http.RequestAborted);
    }

    /// <summary>What tools of the client, or earlier ones of the server, have answered.</summary>
    static IEnumerable<Part> ReadBefore(ChatRequest request) =>
        request.Turn.Conversation.Messages.SelectMany(message => message.Parts).OfType<ToolResultPart>();

    static ToolCall ToWire(ToolCallEvent call, int? index) =>
        new(index, call.CallId, new FunctionCall(call.Name, call.Arguments.GetRawText()));

    static string NewId() => $"chatcmpl-{Guid.NewGuid():N}";

    long Now() => timeProvider.GetUtcNow().ToUnixTimeSeconds();
}
