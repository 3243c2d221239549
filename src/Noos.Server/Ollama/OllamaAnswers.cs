using Microsoft.AspNetCore.Http;
using Noos.Core;
using Noos.Kernel.Cpu;
using Noos.Kernel.Tracing;
using Noos.Server.Answers;
using Noos.Server.OpenAi;

namespace Noos.Server.Ollama;

/// <summary><c>POST /api/chat</c> and <c>POST /api/generate</c>: answers as JSON lines, or as one.</summary>
/// <param name="answers">Answers.</param>
/// <param name="models">Knows what they can.</param>
/// <param name="timeProvider">The clock.</param>
sealed class OllamaAnswers(AnswerService answers, OllamaModels models, TimeProvider timeProvider)
{
    const string Load = "load";

    public async Task ChatAsync(HttpContext http)
    {
        var request = OllamaRequest.ParseChat(await RequestBody.ReadAsync(http));
        if (request.Answer is null)
        {
            await LoadAsync(http, request);
            await http.Response.WriteAsJsonAsync(
                new ChatLine(request.Model, timeProvider.GetUtcNow(), new OllamaMessage(""), Done: true) { DoneReason = Load },
                OllamaJson.Default.ChatLine);
            return;
        }

        await AnswerAsync(http, request, request.Answer, (lines, line) => lines.SendAsync(line, OllamaJson.Default.ChatLine), line => line);
    }

    public async Task GenerateAsync(HttpContext http)
    {
        var request = OllamaRequest.ParseGenerate(await RequestBody.ReadAsync(http));
        if (request.Answer is null)
        {
            await LoadAsync(http, request);
            await http.Response.WriteAsJsonAsync(
                new GenerateLine(request.Model, timeProvider.GetUtcNow(), "", Done: true) { DoneReason = Load },
                OllamaJson.Default.GenerateLine);
            return;
        }

        await AnswerAsync(
            http, request, request.Answer, (lines, line) => lines.SendAsync(line, OllamaJson.Default.GenerateLine),
            line => new GenerateLine(line.Model, line.CreatedAt, line.Message.Content, line.Done)
            {
                Thinking = line.Message.Thinking,
                Logprobs = line.Logprobs,
                DoneReason = line.DoneReason,
                TotalDuration = line.TotalDuration,
                LoadDuration = line.LoadDuration,
                PromptEvalCount = line.PromptEvalCount,
                PromptEvalDuration = line.PromptEvalDuration,
                EvalCount = line.EvalCount,
                EvalDuration = line.EvalDuration,
            });
    }

    /// <summary>A request without a question opens the model.</summary>
    async Task LoadAsync(HttpContext http, OllamaRequest request)
    {
        var cpu = answers.Assistant.Cpu;
        var name = cpu.Describe(request.Model).Name;
        using var lease = cpu is CpuPool pool ? await pool.LeaseAsync(name, http.RequestAborted) : null;
    }

    async Task AnswerAsync<TLine>(
        HttpContext http, OllamaRequest request, AnswerRequest asked, Func<LineStream, TLine, Task> sendAsync, Func<ChatLine, TLine> toLine)
    {
        var began = timeProvider.GetTimestamp();
        long? first = null;
        if (request.MustThink)
        {
            models.RequireThinking(request.Model);
        }

        await using var answer = await answers.BeginAsync(http, asked);
        var (model, usage, calls) = (answer.Model, new AnswerUsage(), 0);
        var reason = FinishReasons.Stop;
        var lines = new LineStream(http);
        var whole = new Trace();
        try
        {
            await foreach (var (_, item) in answer.ReadAsync())
            {
                usage.Add(item);
                whole.Add(item);
                model = item is FailoverEvent other ? other.To : model;
                reason = item is ModelRunEvent run ? run.FinishReason : reason;
                first ??= item is RunStartedEvent ? null : timeProvider.GetTimestamp();
                ChatLine? line = item switch
                {
                    TextEvent text => Line(new OllamaMessage(text.Text)),
                    ThoughtEvent thought => Line(new OllamaMessage("") { Thinking = thought.Text }),
                    ScoresEvent scores => Line(new OllamaMessage("")) with { Logprobs = LogProbabilities.From(scores.Tokens)?.Content },
                    ToolCallEvent call when !asked.UsesServerTools => Line(new OllamaMessage("") { ToolCalls = [ToWire(call, calls++)] }),
                    _ => null,
                };
                if (request.Stream && line is not null)
                {
                    await sendAsync(lines, toLine(line));
                }
            }
        }
        catch (NoosException exception) when (http.Response.HasStarted)
        {
            await lines.SendAsync(new OllamaError(exception.Message), OllamaJson.Default.OllamaError);
            return;
        }

        // The rest of the time is what the model wrote in.
        var ended = timeProvider.GetTimestamp();
        var read = timeProvider.GetElapsedTime(began, first ?? ended);
        var summary = AnswerSummary.From(whole, asked.UsesServerTools);
        var last = Line(request.Stream
            ? new OllamaMessage("")
            : new OllamaMessage(summary.Text)
            {
                Thinking = summary.Thoughts.Length > 0 ? summary.Thoughts : null,
                ToolCalls = summary.Calls.Count > 0 ? [.. summary.Calls.Select(ToWire)] : null,
            }) with
        {
            Done = true,
            Logprobs = request.Stream ? null : LogProbabilities.From(summary.Scores)?.Content,

            // Ollama has no reason of its own for calls.
            DoneReason = reason == FinishReasons.Length ? FinishReasons.Length : FinishReasons.Stop,
            TotalDuration = Nanoseconds(timeProvider.GetElapsedTime(began, ended)),
            LoadDuration = 0,
            PromptEvalCount = usage.PromptTokens,
            PromptEvalDuration = Nanoseconds(read),
            EvalCount = usage.GeneratedTokens,
            EvalDuration = Nanoseconds(timeProvider.GetElapsedTime(began, ended) - read),
        };
        await (request.Stream
            ? sendAsync(lines, toLine(last))
            : WriteAsync(http, toLine(last)));

        ChatLine Line(OllamaMessage message) => new(model, timeProvider.GetUtcNow(), message, Done: false);
    }

    static Task WriteAsync<TLine>(HttpContext http, TLine line) => line switch
    {
        ChatLine chat => http.Response.WriteAsJsonAsync(chat, OllamaJson.Default.ChatLine),
        GenerateLine text => http.Response.WriteAsJsonAsync(text, OllamaJson.Default.GenerateLine),
        _ => throw new NotSupportedException(typeof(TLine).Name),
    };

    static OllamaCall ToWire(ToolCallEvent call, int index) => new(call.CallId, new OllamaFunction(index, call.Name, call.Arguments));

    static long Nanoseconds(TimeSpan time) => (long)(time.TotalMilliseconds * 1e6);
}
