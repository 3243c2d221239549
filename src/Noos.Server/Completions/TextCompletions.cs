using Microsoft.AspNetCore.Http;
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
    public Task HandleAsync(HttpContext http) => answers.HandleAsync(
        http, TextRequest.Parse, request => request.Answer,
        (request, answer) => request.Stream ? StreamAsync(http, request, answer) : WriteAsync(http, request, answer));

    async Task WriteAsync(HttpContext http, TextRequest request, Answer answer)
    {
        var traces = await answer.CollectAsync();
        AnswerSummary[] summaries = [.. traces.Select(trace => AnswerSummary.From(trace, usesServerTools: false))];
        await http.Response.WriteAsJsonAsync(
            new TextBody(
                NewId(), Now(), AnswerSummary.FindModel(summaries, answer),
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
        using var stream = new EventStream(http, timeProvider, pingInterval);
        var (id, created, model) = (NewId(), Now(), answer.Model);
        var usage = new AnswerUsage();
        var offsets = new int[request.Answer.Total];
        await new AnswerStream(http, answer, stream) { Begin = BeginAsync, Tell = TellAsync, End = EndAsync }.SendAsync();

        async Task BeginAsync(string who)
        {
            model = who;
            for (var index = 0; request.Echo && index < request.Answer.Total; index++)
            {
                await SendAsync(index, Prompt(request, index));
            }
        }

        Task TellAsync(AnswerEvent happened)
        {
            var (index, item) = happened;
            usage.Add(item, countsPrompt: index % request.Answer.Count == 0);
            switch (item)
            {
                case TextEvent text:
                    return SendAsync(index, text.Text);
                case ScoresEvent scores:
                    return SendAsync(index, "", TextLogProbabilities.From(scores.Tokens, ref offsets[index]));
                case FailoverEvent other:
                    model = other.To;
                    return Task.CompletedTask;
                case ModelRunEvent run:
                    return SendAsync(index, "", reason: run.FinishReason);
                default:
                    return Task.CompletedTask;
            }
        }

        async Task EndAsync()
        {
            if (request.IncludeUsage)
            {
                await stream.SendAsync(new TextBody(id, created, model, [], Usage.From(usage)), TextJson.Default.TextBody);
            }

            await stream.EndAsync();
        }

        Task SendAsync(int index, string text, TextLogProbabilities? scores = null, string? reason = null) => stream.SendAsync(
            new TextBody(id, created, model, [new TextChoice(index, text, scores, reason)]), TextJson.Default.TextBody);
    }

    static string Prompt(TextRequest request, int index) =>
        request.Echo ? request.Answer.Prompts![index / request.Answer.Count].Text! : "";

    static string NewId() => $"cmpl-{Guid.NewGuid():N}";

    long Now() => timeProvider.GetUtcNow().ToUnixTimeSeconds();
}
