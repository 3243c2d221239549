using System.Globalization;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Pages.Chat;
using Noos.Pages.Text;

namespace Noos.Pages.Traces;

/// <summary>
/// Where the time of one answer went, folded from the recorded events of its process in their order. Not thread-safe.
/// </summary>
/// <param name="question">What was asked; empty where nobody said anything.</param>
/// <param name="begin">When.</param>
/// <param name="startEvent">Events of the answer are behind this one.</param>
public sealed class AnswerTrace(string question, DateTimeOffset begin, long startEvent)
{
    const int MaxShown = 80;

    // Shorter than this nothing is worth a line: it is the writing of the journal.
    static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(5);

    readonly List<TraceSpan> _spans = [];
    readonly List<TracePiece> _pieces = [];
    DateTimeOffset _last = begin;
    DateTimeOffset? _run;
    DateTimeOffset? _firstToken;
    DateTimeOffset? _firstText;
    (CallBegan Event, DateTimeOffset Time)? _call;
    (ApprovalAsked Event, DateTimeOffset Time)? _asked;

    public string Question => question;

    public DateTimeOffset Begin { get; } = begin;

    public long StartEvent { get; } = startEvent;

    /// <summary>The last event of it.</summary>
    public long LastEvent { get; private set; } = startEvent;

    /// <summary>In their order; those that go on are added by <see cref="SpansAt"/>.</summary>
    public IReadOnlyList<TraceSpan> Spans => _spans;

    /// <summary>The model of the last run.</summary>
    public string? Model { get; private set; }

    /// <summary>How it ended, for people; null while it goes on.</summary>
    public string? Outcome { get; private set; }

    /// <summary>From the question to the first token; null while there is none.</summary>
    public TimeSpan? TimeToFirstToken { get; private set; }

    /// <summary>The answers of a process, from its events; without what was written piece by piece they have no first token.</summary>
    public static IReadOnlyList<AnswerTrace> Fold(IEnumerable<JournalEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var answers = new List<AnswerTrace>();
        var queue = new Queue<(string Question, DateTimeOffset Time)>();
        foreach (var entry in entries)
        {
            var open = answers is [.., { Outcome: null } last] ? last : null;
            switch (entry.Event)
            {
                case Restored { History.IsAnswerDue: true } restored:
                    answers.Add(new AnswerTrace(
                        TextOf(restored.History.Messages.LastOrDefault(message => message.Role == Role.User)), entry.Time, entry.Id));
                    break;
                case Said { IsQueued: true } said when open is not null:
                    queue.Enqueue((TextOf(said.Message), entry.Time));
                    break;
                case Said said:
                    open?.CutShort(entry.Time);
                    answers.Add(new AnswerTrace(TextOf(said.Message), entry.Time, entry.Id));
                    break;
                case RunBegan when open is null && queue.Count > 0:
                    // Those who waited are answered together; the one who asked first waited longest.
                    var (question, time) = queue.Dequeue();
                    question = string.Join(" / ", queue.Select(other => other.Question).Prepend(question));
                    queue.Clear();
                    answers.Add(open = new AnswerTrace(question, time, entry.Id - 1));
                    open.Apply(entry);
                    break;
                case RunBegan when open is null && answers is [.., var stopped]:
                    // An answer that failed or was cut short is tried again.
                    answers.Add(open = new AnswerTrace(stopped.Question, entry.Time, entry.Id - 1));
                    open.Apply(entry);
                    break;
                default:
                    open?.Apply(entry);
                    break;
            }
        }

        return answers;
    }

    /// <summary>Takes an event of the answer in.</summary>
    public void Apply(JournalEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Id <= LastEvent || Outcome is not null)
        {
            return;
        }

        LastEvent = entry.Id;
        switch (entry.Event)
        {
            case RunBegan run:
                Model = run.Model ?? Model;
                Add(TraceSpanKind.Wait, _last, entry.Time, "Waits for its turn");
                BeginRun(entry.Time);
                break;
            case AnsweredElsewhere other:
                Model = other.To;
                break;
            case Wrote wrote:
                Write(wrote, entry.Time);
                break;
            case RunEnded run:
                EndRun(entry.Time, run.Usage, run.CachedTokens, run.WaitedMilliseconds, CallsOf(run.Message));
                Outcome = run.FinishReason is null ? null : run.FinishReason == FinishReasons.Length ? "Cut off: too long" : "Complete";
                break;
            case ApprovalAsked asked:
                _asked = (asked, entry.Time);
                break;
            case ApprovalDecided decided when _asked is { } asked:
                Add(TraceSpanKind.Person, asked.Time, entry.Time,
                    $"{(decided.IsGranted ? "Allowed" : "Refused")} by a person: {Cut(asked.Event.Effect)}", isError: !decided.IsGranted);
                (_asked, _last) = (null, entry.Time);
                break;
            case CallBegan call:
                _call = (call, entry.Time);
                break;
            case CallEnded ended:
                var isError = ended.Result.Parts.OfType<ToolResultPart>().Any(result => result.IsError);
                if (_call is { } began)
                {
                    Add(TraceSpanKind.Call, began.Time, entry.Time, $"Calls {Describe(began.Event.Call)}", isError, evenIfShort: true);
                }

                (_call, _last) = (null, entry.Time);
                break;
            case AnswerStopped stopped:
                Close(entry.Time, stopped.Usage);
                Outcome = "Stopped";
                break;
            case AnswerFailed failed:
                Close(entry.Time, usage: null);
                Outcome = $"Failed: {failed.Reason}";
                break;
            case StateChanged { State: ProcessState.Killed or ProcessState.Failed } state:
                Close(entry.Time, usage: null);
                Outcome = state.State == ProcessState.Killed ? "Killed" : "Failed";
                break;
            default:
                break;
        }
    }

    /// <summary>The same with what goes on at a moment.</summary>
    public IReadOnlyList<TraceSpan> SpansAt(DateTimeOffset now)
    {
        if (Outcome is not null)
        {
            return _spans;
        }

        var open = new List<TraceSpan>(_spans);
        if (_run is { } run)
        {
            open.AddRange(RunSpans(run, now, read: null, written: null, cached: null, calls: null).Select(span => span with
            {
                IsOpen = span.End == now,
            }));
        }
        else if (_call is { } call)
        {
            open.Add(new TraceSpan(TraceSpanKind.Call, call.Time, now, $"Calls {Describe(call.Event.Call)}") { IsOpen = true });
        }
        else if (_asked is { } asked)
        {
            open.Add(new TraceSpan(TraceSpanKind.Person, asked.Time, now, $"Asks a person: {Cut(asked.Event.Effect)}") { IsOpen = true });
        }
        else
        {
            open.Add(new TraceSpan(TraceSpanKind.Wait, _last, now, "Waits for its turn") { IsOpen = true });
        }

        return open;
    }

    void CutShort(DateTimeOffset time)
    {
        Close(time, usage: null);
        Outcome = "Cut short";
    }

    void BeginRun(DateTimeOffset time)
    {
        (_run, _firstToken, _firstText, _last) = (time, null, null, time);
        _pieces.Clear();
    }

    void Write(Wrote wrote, DateTimeOffset time)
    {
        if (_run is null)
        {
            return;
        }

        _firstToken ??= time;
        TimeToFirstToken ??= time - Begin;
        _firstText ??= wrote.IsThought ? null : time;
        // Models elsewhere tell no tokens.
        _pieces.Add(new TracePiece(time, Math.Max(1, wrote.TokenIds.Count)));
    }

    void EndRun(DateTimeOffset time, ProcessUsage usage, long? cached, long? waited, string? calls)
    {
        if (_run is not { } run)
        {
            return;
        }

        if (waited is { } milliseconds)
        {
            var admitted = run + TimeSpan.FromMilliseconds(milliseconds);
            admitted = admitted > time ? time : admitted;
            Add(TraceSpanKind.Wait, run, admitted, "Waits for the model");
            run = admitted - run < s_least ? run : admitted;
        }

        _spans.AddRange(RunSpans(run, time, usage.TokensIn, usage.TokensOut, cached, calls));
        (_run, _last) = (null, time);
    }

    void Close(DateTimeOffset time, ProcessUsage? usage)
    {
        if (_run is { } run)
        {
            _spans.AddRange(RunSpans(run, time, read: null, usage?.TokensOut, cached: null, calls: null));
            _run = null;
        }
        else if (_call is { } call)
        {
            Add(TraceSpanKind.Call, call.Time, time, $"Calls {Describe(call.Event.Call)}", isError: true, evenIfShort: true);
        }
        else if (_asked is { } asked)
        {
            Add(TraceSpanKind.Person, asked.Time, time, $"Asked a person: {Cut(asked.Event.Effect)}", isError: true, evenIfShort: true);
        }

        (_call, _asked, _last) = (null, null, time);
    }

    IEnumerable<TraceSpan> RunSpans(DateTimeOffset from, DateTimeOffset to, long? read, long? written, long? cached, string? calls)
    {
        var what = read is { } tokens
            ? $"{Figures.Plural(tokens, "token")}{(cached is > 0 and var known ? $", {Figures.Whole(known)} of them known already" : null)}"
            : "the prompt";
        if (_firstToken is not { } first)
        {
            // A call is written in one piece: nobody has recorded when its first token came.
            yield return new TraceSpan(
                TraceSpanKind.Read, from, to, calls is null ? $"Reads {what}" : $"Reads {what}, and writes a call of {calls}")
            {
                Tokens = read,
            };
            yield break;
        }

        yield return new TraceSpan(TraceSpanKind.Read, from, first < from ? from : first, $"Reads {what}") { Tokens = read };
        var text = _firstText ?? to;
        if (text > first)
        {
            yield return Writing(TraceSpanKind.Think, first, text, "Thinks", Math.Min(Count(first, text), written ?? long.MaxValue));
        }

        if (_firstText is not null)
        {
            var thought = text > first ? Count(first, text) : 0;
            yield return Writing(
                TraceSpanKind.Write, text, to, "Writes",
                written is { } all ? Math.Max(0, all - thought) : Count(text, DateTimeOffset.MaxValue), calls);
        }
    }

    TraceSpan Writing(TraceSpanKind kind, DateTimeOffset from, DateTimeOffset to, string verb, long tokens, string? calls = null) => new(
        kind, from, to, $"{verb} {Figures.Plural(tokens, "token")}{(calls is null ? null : $", with a call of {calls}")}")
    {
        Tokens = tokens,
        Pieces = [.. _pieces.Where(piece => piece.Time >= from && piece.Time <= to)],
    };

    long Count(DateTimeOffset from, DateTimeOffset before) =>
        _pieces.Where(piece => piece.Time >= from && piece.Time < before).Sum(piece => (long)piece.Tokens);

    void Add(
        TraceSpanKind kind, DateTimeOffset from, DateTimeOffset to, string label, bool isError = false, bool evenIfShort = false)
    {
        if (evenIfShort || to - from >= s_least)
        {
            _spans.Add(new TraceSpan(kind, from, to < from ? from : to, label) { IsError = isError });
        }
    }

    static string? CallsOf(Message message) =>
        string.Join(", ", message.Parts.OfType<ToolCallPart>().Select(call => call.Name)) is { Length: > 0 } names ? names : null;

    static string Describe(ToolCallPart call)
    {
        if (call.Arguments.ValueKind != JsonValueKind.Object)
        {
            return call.Name;
        }

        var arguments = string.Join(", ", call.Arguments.EnumerateObject().Select(argument => argument.Value).Select(
            value => value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()));
        return $"{call.Name}({Cut(arguments)})";
    }

    static string TextOf(Message? message) => Cut(QuestionParts.TextOf(message));

    static string Cut(string text)
    {
        text = text.ReplaceLineEndings(" ").Trim();
        return text.Length <= MaxShown ? text : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, MaxShown)}…");
    }
}
