using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Memory;

namespace Noos.Kernel.Processes;

/// <summary>
/// Summarises what the next question would push out of a window, while its process is idle: by a turn of the same model at background
/// priority, which nobody waits for. The summary goes to the journal, and stands in the window when the pages have left it; so window and
/// summary change together, and what the model has read is read again once and not twice. Thread-safe; one summary is made at a time.
/// </summary>
/// <param name="table">Whose processes.</param>
/// <param name="cpu">Runs the models.</param>
/// <param name="options">How long a summary is.</param>
/// <param name="logger">Told of what fails.</param>
sealed class ProcessSummaries(ProcessTable table, ICpu cpu, SummaryOptions options, ILogger logger) : IAsyncDisposable
{
    // A window that is emptier is not looked at.
    const double FullEnough = 0.5;

    // The next question has about this part of the window.
    const int QuestionShare = 16;

    const int MinQuestion = 64;

    // Of one page that leaves; what is longer is cut in its middle.
    const int MaxPageLength = 4000;

    readonly CancellationTokenSource _stop = new();
    readonly Lock _lock = new();

    // One summary after the other: background work that has no hurry.
    Task _work = Task.CompletedTask;

    /// <summary>Completes when all that is due has been made. Never fails.</summary>
    public Task Work
    {
        get
        {
            lock (_lock)
            {
                return _work;
            }
        }
    }

    /// <summary>Makes a summary, in its turn, if the next question needs one.</summary>
    /// <param name="process">It is idle.</param>
    /// <param name="tokens">Prompt and answer of its last run.</param>
    public void Consider(LiveProcess process, long tokens)
    {
        lock (_lock)
        {
            _work = _work.ContinueWith(
                _ => ConsiderAsync(process, tokens), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Work;
        _stop.Dispose();
    }

    async Task ConsiderAsync(LiveProcess process, long tokens)
    {
        try
        {
            var record = process.Record;
            if (record.IsEnded || cpu.Describe(record.Program.Model).MaxTokens is not { } window || tokens < FullEnough * window)
            {
                return;
            }

            _stop.Token.ThrowIfCancellationRequested();
            var branch = table.Journal.Reader.LastBranch(record.Id);
            if (await SummarizeAsync(record, window) is { } summary && table.Journal.Reader.LastBranch(record.Id) == branch)
            {
                await process.NoteAsync([summary], _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The system stops.
        }
#pragma warning disable CA1031 // The process goes on without a summary, as it did before there were any.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.SummaryFailed(logger, process.Record.Id, ExceptionTrace.Name(e));
        }
    }

    async Task<Summarized?> SummarizeAsync(ProcessRecord record, int window)
    {
        var history = table.ReadHistory(record.Id);
        var turn = history.ToState(record, table.DeclarationsOf(record), table.HasOptionalTools).Turn;
        var gone = NextGonePages(turn, window);
        var known = history.Summaries is [.., var latest] ? latest : null;
        if (gone == 0 || gone <= known?.LastPage)
        {
            return null;
        }

        var text = new StringBuilder();
        if (known is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"Summary of what was said before: {known.Text}\n\n");
        }

        var number = 0;
        foreach (var message in turn.Conversation.Messages)
        {
            foreach (var part in message.Parts)
            {
                if (++number > (known?.LastPage ?? 0) && number <= gone && message.Role != Role.System && part is not ThoughtPart)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{message.Role}: {Shorten(PageText.Get(part).Trim())}\n");
                }
            }
        }

        return await RunAsync(record, turn, gone, text.ToString());
    }

    async Task<Summarized?> RunAsync(ProcessRecord record, Turn turn, int gone, string text)
    {
        var began = table.TimeProvider.GetTimestamp();
        var asked = new Turn(new Conversation(
        [
            Message.System("You summarise conversations. Write only the summary, in a few sentences. Keep names, numbers, dates, "
                + "decisions and open questions."),
            Message.User($"Summarise this part of a conversation.\n\n{text}"),
        ]))
        {
            Model = turn.Model,
            Fallbacks = turn.Fallbacks,
            Options = new GenerationOptions { MaxTokens = options.MaxTokens, Temperature = 0, ReasoningEffort = "none" },
            Owner = record.Owner,
            Priority = ProcessPriority.Background,
        };
        var summary = new StringBuilder();
        var (usage, model) = (new TokenUsage(0, 0, 0), cpu.Describe(turn.Model).Name);
        await foreach (var item in cpu.RunAsync(asked, _stop.Token))
        {
            switch (item)
            {
                case TextDelta piece:
                    summary.Append(piece.Text);
                    break;
                case FailedOver other:
                    model = other.To;
                    break;
                case RunFinished finished:
                    usage = finished.Usage;
                    break;
                default:
                    break;
            }
        }

        var made = summary.ToString().Trim();
        return made.Length == 0 ? null : new Summarized(
            gone, made, model,
            new ProcessUsage(
                usage.PromptTokens, usage.GeneratedTokens, 0, (long)table.TimeProvider.GetElapsedTime(began).TotalMilliseconds));
    }

    /// <summary>So many pages would be out with the next question.</summary>
    int NextGonePages(Turn turn, int window)
    {
        var question = string.Join(' ', Enumerable.Repeat("word", Math.Max(MinQuestion, window / QuestionShare)));
        return cpu.MapContext(turn with { Conversation = new([.. turn.Conversation.Messages, Message.User(question)]) })?.GonePages ?? 0;
    }

    static string Shorten(string text) => text.Length <= MaxPageLength
        ? text
        : $"{text.AsSpan(0, MaxPageLength / 2)} [...] {text.AsSpan(text.Length - (MaxPageLength / 2))}";
}
