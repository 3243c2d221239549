using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Tracing;
using Noos.Server.Answers;
using Noos.Server.Hosting;
using Noos.Server.OpenAi;
using Noos.Server.Processes;

namespace Noos.Server.Responses;

/// <summary><c>/v1/responses</c> (https://platform.openai.com/docs/api-reference/responses).</summary>
/// <param name="answers">Answers.</param>
/// <param name="store">Keeps what can be continued.</param>
/// <param name="operation">Measures.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="pingInterval">How often a stream that has nothing to say gives a sign of life.</param>
sealed class ResponseEndpoints(
    AnswerService answers, ResponseStore store, ModelOperation operation, TimeProvider timeProvider, TimeSpan pingInterval)
{
    const int UsualPage = 20;
    const int MaxPage = 100;

    // Of the objects around the text.
    const int BytesOfResponse = 2048;

    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        ("/v1/responses", [(HttpMethods.Post, operation.Measure(CreateAsync))]),
        ("/v1/responses/input_tokens", [(HttpMethods.Post, CountAsync)]),
        ("/v1/responses/{id}", [(HttpMethods.Get, GetAsync), (HttpMethods.Delete, RemoveAsync)]),
        ("/v1/responses/{id}/input_items", [(HttpMethods.Get, ListInputAsync)]),
        ("/v1/responses/{id}/cancel", [(HttpMethods.Post, CancelAsync)]),
    ];

    async Task CreateAsync(HttpContext http)
    {
        var body = await RequestBody.ReadAsync(http);
        var request = Parse(http, body);
        await using var answer = await answers.BeginAsync(http, request.Answer);
        var builder = new ResponseBuilder(
            request.Body with
            {
                Id = $"resp_{Guid.NewGuid():N}",
                CreatedAt = timeProvider.GetUtcNow().ToUnixTimeSeconds(),
                Model = answer.Model,
            },
            request.Answer.UsesServerTools, timeProvider);
        await (request.Stream
            ? StreamAsync(http, request, answer, builder, body.Length)
            : WriteAsync(http, request, answer, builder, body.Length));
    }

    async Task CountAsync(HttpContext http)
    {
        var request = Parse(http, await RequestBody.ReadAsync(http));
        await http.Response.WriteAsJsonAsync(
            new InputTokenCount(await answers.CountAsync(request.Answer, http.RequestAborted)), ResponseJson.Default.InputTokenCount);
    }

    ResponseRequest Parse(HttpContext http, ReadOnlyMemory<byte> body)
    {
        var request = Read(http, body);
        return request.Hosted.Count == 0 ? request : request with
        {
            Answer = request.Answer with { ServerTools = HostedTools.Choose(request.Hosted, answers.Assistant.Tools) },
        };
    }

    ResponseRequest Read(HttpContext http, ReadOnlyMemory<byte> body) => ResponseRequest.Parse(
        body,
        id => store.Find(RequestOwner.Of(http), id)?.Messages ?? throw new ApiException(
            StatusCodes.Status400BadRequest,
            $"There is no response '{id}' here: it was not stored, or went for newer ones (--keep-responses); send the conversation "
            + "itself.",
            "previous_response_id", "previous_response_not_found"));

    async Task WriteAsync(HttpContext http, ResponseRequest request, Answer answer, ResponseBuilder builder, int length)
    {
        await foreach (var (_, item) in answer.ReadAsync())
        {
            _ = builder.Add(item);
        }

        _ = builder.End();
        Keep(http, request, builder, length);
        await http.Response.WriteAsJsonAsync(
            builder.Body, ResponseJson.Default.ResponseBody, cancellationToken: http.RequestAborted);
    }

    async Task StreamAsync(HttpContext http, ResponseRequest request, Answer answer, ResponseBuilder builder, int length)
    {
        await using var enumerator = answer.ReadAsync().GetAsyncEnumerator(http.RequestAborted);
        using var stream = new EventStream(http, timeProvider, pingInterval);
        try
        {
            // The first event decides the status: a question that is too long is still a 400.
            var any = await stream.WaitAsync(enumerator.MoveNextAsync());
            await SendAsync(builder.Start(any && enumerator.Current.Event is FailoverEvent first ? first.To : answer.Model));
            for (; any; any = await stream.WaitAsync(enumerator.MoveNextAsync()))
            {
                await SendAsync(builder.Add(enumerator.Current.Event));
            }
        }
        catch (NoosException exception) when (http.Response.HasStarted)
        {
            await SendAsync(builder.Fail(ApiException.From(exception)));
            return;
        }

        var last = builder.End();

        // Kept before it is told: whoever has seen the end can go on from it.
        Keep(http, request, builder, length);
        await SendAsync(last);

        async Task SendAsync(IEnumerable<ResponseEvent> events)
        {
            foreach (var item in events)
            {
                await stream.SendAsync(item, ResponseJson.Default.ResponseEvent, name: item.Type);
            }
        }
    }

    void Keep(HttpContext http, ResponseRequest request, ResponseBuilder builder, int length)
    {
        if (!request.Body.Store)
        {
            return;
        }

        // Calls for the caller have no results yet: those come with the next request.
        IReadOnlyList<Message> said = request.Answer.UsesServerTools
            ? builder.Trace.ToMessages()
            : [ToMessage(builder.Trace)];
        IReadOnlyList<Message> messages = [.. request.Messages, .. said.Where(message => message.Parts.Count > 0)];

        // What it continues is shared with the responses before it.
        store.Add(new StoredResponse(
            RequestOwner.Of(http), builder.Body, ResponseInput.List(request.Input), messages,
            BytesOfResponse + (2L * length) + builder.Trace.Events.Sum(BytesOf)));
    }

    static Message ToMessage(Trace trace) => Message.Assistant(
    [
        .. trace.Events.Select(item => (Part?)(item switch
        {
            TextEvent text => new TextPart(text.Text),
            ThoughtEvent thought => new ThoughtPart(thought.Text),
            ToolCallEvent call => new ToolCallPart(call.Name, call.Arguments, call.CallId),
            _ => null,
        })).OfType<Part>(),
    ]);

    static long BytesOf(TraceEvent item) => item switch
    {
        TextEvent text => 4L * text.Text.Length,
        ThoughtEvent thought => 4L * thought.Text.Length,
        ToolResultEvent result => 4L * result.Content.Length,
        ScoresEvent scores => 256L * scores.Tokens.Count,
        _ => 256,
    };

    Task GetAsync(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        _ = query.Text("include");
        _ = query.Text("include[]");
        if (query.Flag("stream"))
        {
            throw ApiException.Invalid("stream", "A response that is over cannot be streamed again; leave out \"stream\".");
        }

        query.RefuseUnknown();
        return http.Response.WriteAsJsonAsync(store.Get(RequestOwner.Of(http), IdOf(http)).Body, ResponseJson.Default.ResponseBody);
    }

    Task RemoveAsync(HttpContext http)
    {
        store.Remove(RequestOwner.Of(http), IdOf(http));
        return http.Response.WriteAsJsonAsync(new ResponseDeleted(IdOf(http)), ResponseJson.Default.ResponseDeleted);
    }

    /// <summary>Nothing runs in the background here.</summary>
    Task CancelAsync(HttpContext http)
    {
        _ = store.Get(RequestOwner.Of(http), IdOf(http));
        throw ApiException.Invalid("id", "Only a response that runs in the background can be cancelled; end the request itself.");
    }

    Task ListInputAsync(HttpContext http)
    {
        var items = store.Get(RequestOwner.Of(http), IdOf(http)).Input;
        var query = new QueryFields(http.Request);
        var max = (int)(query.Integer("limit", 1, MaxPage) ?? UsualPage);
        var after = query.Text("after");
        _ = query.Text("include");
        _ = query.Text("include[]");
        var isAscending = query.Text("order") switch
        {
            null or "desc" => false,
            "asc" => true,
            _ => throw ApiException.Invalid("order", "The parameter \"order\" must be asc or desc."),
        };
        query.RefuseUnknown();
        var all = isAscending ? items : items.Reverse();
        if (after is not null)
        {
            all = all.SkipWhile(item => item["id"]?.ToString() != after).Skip(1);
        }

        var page = all.Take(max + 1).ToArray();
        var data = page.Length > max ? page[..max] : page;
        return http.Response.WriteAsJsonAsync(
            new InputItemList(data, data.FirstOrDefault()?["id"]?.ToString(), data.LastOrDefault()?["id"]?.ToString(), page.Length > max),
            ResponseJson.Default.InputItemList);
    }

    static string IdOf(HttpContext http) => (string)http.GetRouteValue("id")!;
}
