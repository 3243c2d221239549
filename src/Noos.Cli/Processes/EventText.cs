using System.Globalization;
using Noos.Core.Conversations;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Kernel.Tracing;

namespace Noos.Cli.Processes;

/// <summary>An event in words, on one line.</summary>
static class EventText
{
    public static string Describe(JournalEvent happened) => OneLine(happened switch
    {
        Spawned { Program: { Origin: { } origin } } => $"a fork of {origin.Process} at event {origin.Event}",
        Spawned spawned => spawned.Program.Name ?? "",
        Restored restored => $"begins with {restored.History.Messages.Count} messages",
        Said said => $"{TextOf(said.Message)}{(said.IsQueued ? " (waits)" : "")}",
        QueueChanged { Message: { } message } changed => $"in the place of event {changed.Queued}: {TextOf(message)}",
        QueueChanged changed => $"event {changed.Queued} was taken back",
        RunBegan run => $"{run.Model} seed {Seed(run.Seed)}",
        Wrote wrote => $"{(wrote.IsThought ? "(thought) " : "")}{wrote.Text}",
        RunEnded run => $"{TextOf(run.Message)} ({run.Usage.TokensIn} + {run.Usage.TokensOut} tokens, {Seconds(run.Usage)}"
            + $"{(run.PagedOutTokens is { } tokens ? $", {tokens} paged out" : "")})",
        CallBegan call => CallNotation.Write(call.Call.Name, call.Call.Arguments),
        CallPrinted printed => printed.Output,
        CallEnded call => $"{TextOf(call.Result)} ({Seconds(call.Usage)})",
        AnswerStopped { Reason: { } reason } stopped => $"{TextOf(stopped.Message)} ({reason})",
        AnswerStopped stopped => TextOf(stopped.Message),
        AnswerFailed failed => failed.Reason,
        // It asks for something, or what it did has failed: the reason says which.
        StateChanged { State: ProcessState.WaitingForPerson, Reason: { } reason } => reason,
        StateChanged changed => $"{ProcessLabels.For(changed.State)}{(changed.Reason is null ? "" : $": {changed.Reason}")}",
        PersonCalled tried => $"{CallNotation.Write(tried.Call.Name, tried.Call.Arguments)}: {TextOf(tried.Result)}",
        Renamed renamed => renamed.Title,
        Niced niced => NameOf(niced.Priority),
        AnsweredElsewhere other => $"{other.To} answers, because {other.From} does not: {other.Reason}",
        Summarized summary => $"pages to {summary.LastPage}: {summary.Text}",
        PageMarked page => $"page {page.Page} {NameOf(page.Mark)}",
        ApprovalAsked asked => asked.Effect,
        ApprovalDecided decided => $"{(decided.IsGranted ? "granted" : "refused")} {NameOf(decided.Scope)}",
        PermissionRevoked revoked => $"permission {revoked.Permission}",
        TimerSet timer => $"{timer.Schedule.Cron ?? Minute(timer.Schedule.At!.Value)}: {timer.Message}",
        TimerFired fired => $"due at {Minute(fired.Due)}, process {fired.Job}{Missed(fired.Missed)}",
        TimerSkipped skipped => $"due at {Minute(skipped.Due)}, skipped: {skipped.Reason}{Missed(skipped.Missed)}",
        ClockSetBack clock => $"set back to {Minute(clock.To)}",
        _ => "",
    });

    /// <summary>A name as the API writes it.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    static string TextOf(Message message) => string.Join(' ', message.Parts.Select(part => part switch
    {
        TextPart text => text.Text,
        ThoughtPart thought => $"({thought.Text.Trim()})",
        ToolCallPart call => CallNotation.Write(call.Name, call.Arguments),
        ToolResultPart result => $"{(result.IsError ? "Error: " : "")}{result.Text}",
        _ => $"[{part.GetType().Name}]",
    }));

    static string Minute(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    static string Missed(int count) => count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({count} missed)");

    static string Seed(ulong? seed) => seed is { } given ? unchecked((long)given).ToString(CultureInfo.InvariantCulture) : "?";

    static string Seconds(ProcessUsage usage) => string.Create(CultureInfo.InvariantCulture, $"{usage.Milliseconds / 1000.0:N1} s");

    /// <summary>Escape sequences of a terminal, which a model may write, are no text.</summary>
    public static string OneLine(string text) => string.Concat(
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(IsShown));

    /// <summary>Neither a control character nor one that turns the direction of the text around it.</summary>
    public static bool IsShown(char letter) =>
        !char.IsControl(letter)
        && letter is not ('\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069'));
}
