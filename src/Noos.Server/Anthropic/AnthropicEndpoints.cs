using Microsoft.AspNetCore.Http;
using Noos.Kernel.Tracing;
using Noos.Server.Answers;
using Noos.Server.Hosting;
using Noos.Server.OpenAi;

namespace Noos.Server.Anthropic;

/// <summary>
/// <c>/v1/messages</c> as Anthropic's clients ask for it (https://docs.anthropic.com/en/api/messages), and <c>/v1/models</c> where they do.
/// </summary>
/// <param name="answers">Answers.</param>
/// <param name="models">Lists the models.</param>
/// <param name="operation">Measures.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="pingInterval">How often a stream that has nothing to say gives a sign of life.</param>
sealed class AnthropicEndpoints(
    AnswerService answers, Models models, ModelOperation operation, TimeProvider timeProvider, TimeSpan pingInterval)
{
    const string VersionHeader = "anthropic-version";

    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        ("/v1/messages", [(HttpMethods.Post, operation.Measure(AnswerAsync))]),
        ("/v1/messages/count_tokens", [(HttpMethods.Post, CountAsync)]),
    ];

    /// <summary>It is a client of Anthropic's that asks, at an address that OpenAI has, too.</summary>
    public static bool IsClient(HttpContext http) => http.Request.Headers.ContainsKey(VersionHeader);

    /// <summary>The models as Anthropic's clients read them.</summary>
    public Task ListModelsAsync(HttpContext http)
    {
        AnthropicModel[] all =
        [
            .. models.All().Where(model => (model.IsLoaded || model.IsBase is null) && model.IsEncoder is null).Select(ToWire),
        ];
        return http.Response.WriteAsJsonAsync(
            new AnthropicModelList(all, all.FirstOrDefault()?.Id, all.LastOrDefault()?.Id), AnthropicJson.Default.AnthropicModelList);
    }

    /// <summary>One model so.</summary>
    public Task GetModelAsync(HttpContext http) =>
        http.Response.WriteAsJsonAsync(ToWire(models.Find(http)), AnthropicJson.Default.AnthropicModel);

    static AnthropicModel ToWire(ModelEntry model) =>
        new(model.Id, model.Name ?? model.Id, DateTimeOffset.FromUnixTimeSeconds(model.Created), model.ContextLength);

    async Task CountAsync(HttpContext http)
    {
        var request = MessagesRequest.Parse(await RequestBody.ReadAsync(http), isCount: true);
        await http.Response.WriteAsJsonAsync(
            new TokenCount(await answers.CountAsync(request.Answer, http.RequestAborted)), AnthropicJson.Default.TokenCount);
    }

    Task AnswerAsync(HttpContext http) => answers.HandleAsync(
        http, body => MessagesRequest.Parse(body), request => request.Answer,
        (request, answer) => request.Stream ? StreamAsync(http, request, answer) : WriteAsync(http, request, answer));

    static async Task WriteAsync(HttpContext http, MessagesRequest request, Answer answer)
    {
        var (builder, model) = (new MessageBuilder(request.Answer.UsesServerTools), answer.Model);
        await foreach (var (_, item) in answer.ReadAsync())
        {
            model = item is FailoverEvent other ? other.To : model;
            _ = builder.Add(item);
        }

        _ = builder.End();
        await http.Response.WriteAsJsonAsync(
            new MessageBody(NewId(), model, builder.Blocks, builder.StopReason, builder.StopSequence, MessageUsage.From(builder.Usage)),
            AnthropicJson.Default.MessageBody,
            cancellationToken: http.RequestAborted);
    }

    async Task StreamAsync(HttpContext http, MessagesRequest request, Answer answer)
    {
        using var stream = new EventStream(http, timeProvider, pingInterval);
        var builder = new MessageBuilder(request.Answer.UsesServerTools);
        await new AnswerStream(http, answer, stream)
        {
            Begin = model => SendAsync(new MessageEvent("message_start")
            {
                Message = new MessageBody(NewId(), model, [], null, null, new MessageUsage(0, 0)),
            }),
            Tell = item => SendAllAsync(builder.Add(item.Event)),
            End = EndAsync,
            Fail = error => stream.SendAsync(AnthropicError.From(error), AnthropicJson.Default.AnthropicError, name: "error"),
        }.SendAsync();

        async Task EndAsync()
        {
            await SendAllAsync(builder.End());
            await SendAsync(new MessageEvent("message_delta")
            {
                Delta = new() { StopReason = builder.StopReason, StopSequence = builder.StopSequence },
                Usage = MessageUsage.From(builder.Usage),
            });
            await SendAsync(new MessageEvent("message_stop"));
        }

        async Task SendAllAsync(IEnumerable<MessageEvent> events)
        {
            foreach (var item in events)
            {
                await SendAsync(item);
            }
        }

        Task SendAsync(MessageEvent item) => stream.SendAsync(item, AnthropicJson.Default.MessageEvent, name: item.Type);
    }

    static string NewId() => $"msg_{Guid.NewGuid():N}";
}
