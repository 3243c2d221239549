using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Noos.Core.Conversations;
using Noos.Kernel.Responses;
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
    const string Gone =
        "it was not stored or was deleted, is older than --response-days, or went for newer ones (--keep-responses, --max-responses)";

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
        var request = Parse(http, await RequestBody.ReadAsync(http));
        await using var answer = await answers.BeginAsync(http, request.Answer);
        var builder = new ResponseBuilder(
            request.Body with
            {
                Id = $"resp_{Guid.NewGuid():N}",
                CreatedAt = timeProvider.GetUtcNow().ToUnixTimeSeconds(),
                Model = answer.Model,
            },
            request.Answer.UsesServerTools, timeProvider);
        await (request.Stream ? StreamAsync(http, request, answer, builder) : WriteAsync(http, request, answer, builder));
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
        id => store.FindMessages(RequestOwner.Of(http), id) ?? throw new ApiException(
            StatusCodes.Status400BadRequest, $"There is no response '{id}' here: {Gone}; send the conversation itself.",
            "previous_response_id", "previous_response_not_found"));

    async Task WriteAsync(HttpContext http, ResponseRequest request, Answer answer, ResponseBuilder builder)
    {
        await foreach (var (_, item) in answer.ReadAsync())
        {
            _ = builder.Add(item);
        }

        _ = builder.End();
        Keep(http, request, builder);
        await http.Response.WriteAsJsonAsync(
            builder.Body, ResponseJson.Default.ResponseBody, cancellationToken: http.RequestAborted);
    }

    async Task StreamAsync(HttpContext http, ResponseRequest request, Answer answer, ResponseBuilder builder)
    {
        using var stream = new EventStream(http, timeProvider, pingInterval);
        await new AnswerStream(http, answer, stream)
        {
            Begin = model => SendAsync(builder.Start(model)),
            Tell = item => SendAsync(builder.Add(item.Event)),
            End = () =>
            {
                var last = builder.End();

                // Kept before it is told: whoever has seen the end can go on from it.
                Keep(http, request, builder);
                return SendAsync(last);
            },
            Fail = error => SendAsync(builder.Fail(error)),
        }.SendAsync();

        async Task SendAsync(IEnumerable<ResponseEvent> events)
        {
            foreach (var item in events)
            {
                await stream.SendAsync(item, ResponseJson.Default.ResponseEvent, name: item.Type);
            }
        }
    }

    void Keep(HttpContext http, ResponseRequest request, ResponseBuilder builder)
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

        store.Add(new StoredResponse(
            builder.Body.Id, RequestOwner.Of(http), JsonSerializer.Serialize(builder.Body, ResponseJson.Default.ResponseBody),
            new JsonArray([.. ResponseInput.List(request.Input)]).ToJsonString())
        {
            Messages = messages,
            Previous = request.Body.PreviousResponseId,

            // An input that begins with words of the model is joined to those before it, so the last of them may be another now.
            SharedMessages = request.Before.Zip(messages).TakeWhile(pair => ReferenceEquals(pair.First, pair.Second)).Count(),
        });
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
        http.Response.ContentType = "application/json; charset=utf-8";
        return http.Response.WriteAsync(Find(http).Body, http.RequestAborted);
    }

    Task RemoveAsync(HttpContext http)
    {
        if (!store.Remove(RequestOwner.Of(http), IdOf(http)))
        {
            throw NotFound(http);
        }

        return http.Response.WriteAsJsonAsync(new ResponseDeleted(IdOf(http)), ResponseJson.Default.ResponseDeleted);
    }

    /// <summary>Nothing runs in the background here.</summary>
    Task CancelAsync(HttpContext http)
    {
        _ = Find(http);
        throw ApiException.Invalid("id", "Only a response that runs in the background can be cancelled; end the request itself.");
    }

    Task ListInputAsync(HttpContext http)
    {
        JsonObject[] items = [.. JsonNode.Parse(Find(http).Input)!.AsArray().Select(item => item!.AsObject())];
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
        var all = isAscending ? items : items.AsEnumerable().Reverse();
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

    (string Body, string Input) Find(HttpContext http) => store.Find(RequestOwner.Of(http), IdOf(http)) ?? throw NotFound(http);

    static ApiException NotFound(HttpContext http) => new(
        StatusCodes.Status404NotFound, $"There is no response '{IdOf(http)}' here: {Gone}.", "id", "not_found");

    static string IdOf(HttpContext http) => (string)http.GetRouteValue("id")!;
}
