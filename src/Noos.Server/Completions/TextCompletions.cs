using Microsoft.AspNetCore.Http;
using Noos.Core;
using Noos.Kernel.Tracing;
using Noos.Server.Answers;
using Noos.Server.OpenAi;

namespace Noos.Server.Completions;

/// <summary>
/// <c>POST /v1/completions</c>, OpenAI's legacy API (https://platform.openai.com/docs/api-reference/completions): the model goes on with a
/// text as it stands. Only models on this computer.
/// </summary>
/// <param name="answers">Answers.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="pingInterval">How often a stream that has nothing to say gives a sign of life.</param>
sealed class TextCompletions(AnswerService answers, TimeProvider timeProvider, TimeSpan pingInterval)
{
    public async Task HandleAsync(HttpContext http)
    {
        var request = TextRequest.Parse(await RequestBody.ReadAsync(http));
        await using var answer = await answers.BeginAsync(http, request.Answer);
        await (request.Stream ? StreamAsync(http, request, answer) : WriteAsync(http, request, answer));
    }

    async Task WriteAsync(HttpContext http, TextRequest request, Answer answer)
    {
        var traces = await answer.CollectAsync();
        AnswerSummary[] summaries = [.. traces.Select(trace => AnswerSummary.From(trace, usesServerTools: false))];
        await http.Response.WriteAsJsonAsync(
            new TextBody(
                NewId(), Now(), summaries.Select(summary => summary.OtherModel).LastOrDefault(other => other is not null) ?? answer.Model,
                [
                    .. summaries.Select((summary, index) =>
                    {
                        var offset = 0;
                        return new TextChoice(
                            index, Prompt(request, index) + summary.Text, TextLogProbabilities.From(summary.Scores, ref offset),
                            summary.FinishReason);
                    }),
                ],
                Usage.From(AnswerUsage.From(traces, request.Answer.Count))),
            TextJson.Default.TextBody,
            cancellationToken: http.RequestAborted);
    }

    async Task StreamAsync(HttpContext http, TextRequest request, Answer answer)
    {
        await using var enumerator = answer.ReadAsync().GetAsyncEnumerator(http.RequestAborted);
        using var stream = new EventStream(http, timeProvider, pingInterval);
        var (id, created, model) = (NewId(), Now(), answer.Model);
        var usage = new AnswerUsage();
        var offsets = new int[request.Answer.Total];
        Task SendAsync(int index, string text, TextLogProbabilities? scores = null, string? reason = null) => stream.SendAsync(
            new TextBody(id, created, model, [new TextChoice(index, text, scores, reason)]), TextJson.Default.TextBody);
        try
        {
            var any = await stream.WaitAsync(enumerator.MoveNextAsync());
            for (var index = 0; request.Echo && index < request.Answer.Total; index++)
            {
                await SendAsync(index, Prompt(request, index));
            }

            for (; any; any = await stream.WaitAsync(enumerator.MoveNextAsync()))
            {
                var (index, item) = enumerator.Current;
                usage.Add(item, countsPrompt: index % request.Answer.Count == 0);
                switch (item)
                {
                    case TextEvent text:
                        await SendAsync(index, text.Text);
                        break;
                    case ScoresEvent scores:
                        await SendAsync(index, "", TextLogProbabilities.From(scores.Tokens, ref offsets[index]));
                        break;
                    case FailoverEvent other:
                        model = other.To;
                        break;
                    case ModelRunEvent run:
                        await SendAsync(index, "", reason: run.FinishReason);
                        break;
                    default:
                        break;
                }
            }
        }
        catch (NoosException exception) when (http.Response.HasStarted)
        {
            await stream.SendAsync(ApiException.From(exception).Body, WireJson.Default.ApiErrorBody);
            return;
        }

        if (request.IncludeUsage)
        {
            await stream.SendAsync(new TextBody(id, created, model, [], Usage.From(usage)), TextJson.Default.TextBody);
        }

        await http.Response.WriteAsync("data: [DONE]\n\n", http.RequestAborted);
    }

    static string Prompt(TextRequest request, int index) =>
        request.Echo ? request.Answer.Prompts![index / request.Answer.Count].Text! : "";

    static string NewId() => $"cmpl-{Guid.NewGuid():N}";

    long Now() => timeProvider.GetUtcNow().ToUnixTimeSeconds();
}
