using Microsoft.AspNetCore.Http;
using Noos.Core;
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
        AnthropicModel[] all = [.. models.All().Select(ToWire)];
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

    async Task AnswerAsync(HttpContext http)
    {
        var request = MessagesRequest.Parse(await RequestBody.ReadAsync(http));
        await using var answer = await answers.BeginAsync(http, request.Answer);
        await (request.Stream ? StreamAsync(http, request, answer) : WriteAsync(http, request, answer));
    }

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
        await using var enumerator = answer.ReadAsync().GetAsyncEnumerator(http.RequestAborted);
        using var stream = new EventStream(http, timeProvider, pingInterval);
        var builder = new MessageBuilder(request.Answer.UsesServerTools);
        try
        {
            // The first event decides the status: a question that is too long is still a 400.
            var any = await stream.WaitAsync(enumerator.MoveNextAsync());
            var model = any && enumerator.Current.Event is FailoverEvent first ? first.To : answer.Model;
            await SendAsync(new MessageEvent("message_start")
            {
                Message = new MessageBody(NewId(), model, [], null, null, new MessageUsage(0, 0)),
            });
            for (; any; any = await stream.WaitAsync(enumerator.MoveNextAsync()))
            {
                foreach (var item in builder.Add(enumerator.Current.Event))
                {
                    await SendAsync(item);
                }
            }
        }
        catch (NoosException exception) when (http.Response.HasStarted)
        {
            await stream.SendAsync(
                AnthropicError.From(ApiException.From(exception)), AnthropicJson.Default.AnthropicError, name: "error");
            return;
        }

        foreach (var item in builder.End())
        {
            await SendAsync(item);
        }

        await SendAsync(new MessageEvent("message_delta")
        {
            Delta = new() { StopReason = builder.StopReason, StopSequence = builder.StopSequence },
            Usage = MessageUsage.From(builder.Usage),
        });
        await SendAsync(new MessageEvent("message_stop"));

        Task SendAsync(MessageEvent item) => stream.SendAsync(item, AnthropicJson.Default.MessageEvent, name: item.Type);
    }

    static string NewId() => $"msg_{Guid.NewGuid():N}";
}
