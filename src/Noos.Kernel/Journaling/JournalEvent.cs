using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Memory;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;

namespace Noos.Kernel.Journaling;

/// <summary>
/// Something that happened to a process, as the journal keeps it. Together the events of a process say all there is to know about it:
/// recovery, audit, replay and the page read them. Immutable. The names below are what stands in the column <c>kind</c> and in the API:
/// never rename one.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Spawned), "spawned")]
[JsonDerivedType(typeof(Restored), "restored")]
[JsonDerivedType(typeof(Said), "said")]
[JsonDerivedType(typeof(QueueChanged), "requeued")]
[JsonDerivedType(typeof(Continued), "continued")]
[JsonDerivedType(typeof(RunBegan), "run")]
[JsonDerivedType(typeof(AnsweredElsewhere), "failover")]
[JsonDerivedType(typeof(Wrote), "wrote")]
[JsonDerivedType(typeof(RunEnded), "ran")]
[JsonDerivedType(typeof(CallBegan), "call")]
[JsonDerivedType(typeof(CallPrinted), "printed")]
[JsonDerivedType(typeof(CallEnded), "called")]
[JsonDerivedType(typeof(AnswerStopped), "stopped")]
[JsonDerivedType(typeof(AnswerFailed), "failed")]
[JsonDerivedType(typeof(StateChanged), "state")]
[JsonDerivedType(typeof(Renamed), "renamed")]
[JsonDerivedType(typeof(Niced), "niced")]
[JsonDerivedType(typeof(ApprovalAsked), "asked")]
[JsonDerivedType(typeof(ApprovalDecided), "decided")]
[JsonDerivedType(typeof(PermissionRevoked), "revoked")]
[JsonDerivedType(typeof(PageMarked), "page")]
[JsonDerivedType(typeof(Summarized), "summary")]
[JsonDerivedType(typeof(TimerSet), "timer")]
[JsonDerivedType(typeof(TimerFired), "fired")]
[JsonDerivedType(typeof(TimerSkipped), "skipped")]
[JsonDerivedType(typeof(ClockSetBack), "clock")]
[JsonDerivedType(typeof(Branched), "branch")]
[JsonDerivedType(typeof(ModelChosen), "model")]
[JsonDerivedType(typeof(FeedbackGiven), "feedback")]
[JsonDerivedType(typeof(PersonCalled), "tried")]
public abstract record JournalEvent
{
    static readonly Dictionary<string, JsonTypeInfo> s_types = StoredJson.Context.JournalEvent.PolymorphismOptions!.DerivedTypes
        .ToDictionary(
            known => (string)known.TypeDiscriminator!, known => StoredJson.Context.GetTypeInfo(known.DerivedType)!, StringComparer.Ordinal);

    static readonly Dictionary<Type, string> s_kinds = s_types.ToDictionary(known => known.Value.Type, known => known.Key);

    /// <summary>The name in the file.</summary>
    [JsonIgnore]
    public string Kind => s_kinds[GetType()];

    /// <summary>What a search may find; null for nothing.</summary>
    [JsonIgnore]
    public virtual string? SearchText => null;

    /// <summary>What it adds to the usage of its process; null for nothing.</summary>
    [JsonIgnore]
    public virtual ProcessUsage? Cost => null;

    internal string ToJson() => JsonSerializer.Serialize(this, s_types[Kind]);

    /// <param name="kind">The name in the file.</param>
    /// <param name="json">The rest, in UTF-8.</param>
    /// <param name="hasTokens">Whether the tokens of a run are wanted, which are most of it.</param>
    /// <exception cref="NoosException">The text is no such event (Damaged).</exception>
    internal static JournalEvent Parse(string kind, ReadOnlySpan<byte> json, bool hasTokens = true)
    {
        try
        {
            if (!hasTokens && kind == "ran")
            {
                var run = JsonSerializer.Deserialize(json, StoredJson.Context.RunWithoutTokens)!;
                return new RunEnded(run.Message, run.FinishReason, run.Seed, [], run.Usage) { StopReason = run.StopReason };
            }

            return s_types.TryGetValue(kind, out var type)
                ? (JournalEvent)JsonSerializer.Deserialize(json, type)!
                : throw new JsonException($"There is no event \"{kind}\".");
        }
        catch (JsonException e)
        {
            throw new NoosException(ErrorKind.Damaged, $"An event of the journal cannot be read: {e.Message}", e);
        }
    }

    private protected static string? TextOf(params IReadOnlyList<Message> messages)
    {
        var text = string.Join('\n', messages.SelectMany(message => message.Parts).Select(part => part switch
        {
            TextPart some => some.Text,
            ToolResultPart result => string.Join('\n', result.Parts.OfType<TextPart>().Select(some => some.Text)),
            _ => "",
        }).Where(some => some.Length > 0));
        return text.Length == 0 ? null : text;
    }
}

/// <summary>The first event of every process.</summary>
public sealed record Spawned(ProcessProgram Program) : JournalEvent;

/// <summary>The process begins with a history that was made elsewhere: it is a fork of another, or goes on with an older chat.</summary>
/// <param name="History">What it begins with.</param>
public sealed record Restored(ProcessSnapshot History) : JournalEvent
{
    // What a fork begins with is found in the process that it is a fork of.
    [JsonIgnore]
    public override string? SearchText => History.IsFork ? null : TextOf(History.Messages);
}

/// <summary>A message was given to the process: by a person, a parent, a timer.</summary>
/// <param name="Message">What was said.</param>
/// <param name="IsQueued">It waits until the answer under way is complete.</param>
/// <param name="Options">How its answer is generated, before what the program says; null leaves all to the program.</param>
public sealed record Said(Message Message, bool IsQueued = false, GenerationOptions? Options = null) : JournalEvent
{
    [JsonIgnore]
    public override string? SearchText => TextOf(Message);
}

/// <summary>A message that waits for the answer under way is another, or waits no more.</summary>
/// <param name="Queued">The event with which it was said.</param>
/// <param name="Message">What is said instead; null where it is taken back.</param>
public sealed record QueueChanged(long Queued, Message? Message = null) : JournalEvent
{
    [JsonIgnore]
    public override string? SearchText => Message is null ? null : TextOf(Message);
}

/// <summary>
/// The model goes on with its last answer, which was cut short: what it writes from here belongs to the same message.
/// </summary>
public sealed record Continued : JournalEvent;

/// <summary>
/// The model is about to run for the process: what follows without a <see cref="RunEnded"/> was cut short.
/// </summary>
/// <param name="Seed">What the draws begin with; null where the CPU chooses.</param>
/// <param name="Options">All that was asked of the CPU, its own defaults included, without the seed.</param>
/// <param name="Tools">Names of the tools that the model was told of.</param>
/// <param name="Model">Which model.</param>
public sealed record RunBegan(
    [property: JsonConverter(typeof(SeedConverter))] ulong? Seed = null, GenerationOptions? Options = null,
    IReadOnlyList<string>? Tools = null, string? Model = null) : JournalEvent;

/// <summary>The model of the run could not answer; before a word of it another was asked.</summary>
/// <param name="From">The model that could not.</param>
/// <param name="To">Which runs now.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record AnsweredElsewhere(string From, string To, string Reason) : JournalEvent;

/// <summary>What the model wrote since the last such event, with its tokens: durable before anybody sees it.</summary>
public sealed record Wrote(string Text, bool IsThought, IReadOnlyList<int> TokenIds) : JournalEvent;

/// <summary>A run of the model is over.</summary>
/// <param name="Message">What it made.</param>
/// <param name="FinishReason">Why the answer is over; null where calls are to be run first.</param>
/// <param name="Seed">What the draws began with.</param>
/// <param name="TokenIds">All that were generated.</param>
/// <param name="Usage">What it cost.</param>
public sealed record RunEnded(
    Message Message, string? FinishReason, [property: JsonConverter(typeof(SeedConverter))] ulong? Seed, IReadOnlyList<int> TokenIds,
    ProcessUsage Usage) : JournalEvent
{
    /// <summary>So many messages were not shown to the model at all; null for none.</summary>
    public int? OmittedMessages { get; init; }

    /// <summary>So many tokens of the conversation were not shown to the model; null for none.</summary>
    public long? PagedOutTokens { get; init; }

    /// <summary>So many of the prompt tokens had been read before; null for none.</summary>
    public long? CachedTokens { get; init; }

    /// <summary>What stopped it, beyond the finish reason (<see cref="StopReasons"/>); null where there is no more to say.</summary>
    public string? StopReason { get; init; }

    /// <summary>So long the run waited until the model began with it; null where it began at once, or nobody knows.</summary>
    public long? WaitedMilliseconds { get; init; }

    /// <summary>The passages that the message cites, as they were read; null for none.</summary>
    public IReadOnlyList<CitedPassage>? Citations { get; init; }

    [JsonIgnore]
    public override string? SearchText => TextOf(Message);

    [JsonIgnore]
    public override ProcessUsage? Cost => Usage;
}

/// <summary>A call is about to run: without a <see cref="CallEnded"/> behind it nobody knows how far it came.</summary>
/// <param name="Call">The call.</param>
/// <param name="Effects">What it does; null for one that the gate has refused.</param>
/// <param name="Grounds">Why it may, one sentence for each effect: for the audit.</param>
public sealed record CallBegan(ToolCallPart Call, IReadOnlyList<Effect>? Effects = null, IReadOnlyList<string>? Grounds = null)
    : JournalEvent;

/// <summary>
/// A call prints something while it runs. Only for those who follow the process: it is not kept, its entry has the id 0, and the result
/// says it again as far as that matters.
/// </summary>
/// <param name="CallId">Of the call; null where it has none.</param>
/// <param name="Name">The tool.</param>
/// <param name="Output">A piece of text.</param>
public sealed record CallPrinted(string? CallId, string Name, string Output) : JournalEvent;

/// <summary>A call is over.</summary>
/// <param name="Result">The message of the tool.</param>
/// <param name="Usage">What it cost.</param>
public sealed record CallEnded(Message Result, ProcessUsage Usage) : JournalEvent
{
    [JsonIgnore]
    public override string? SearchText => TextOf(Result);

    [JsonIgnore]
    public override ProcessUsage? Cost => Usage;
}

/// <summary>The answer was stopped; what was written until then is kept.</summary>
/// <param name="Message">What of the run under way was written; without parts where none was.</param>
/// <param name="TokenIds">The tokens of that run so far.</param>
/// <param name="Usage">What that run cost.</param>
public sealed record AnswerStopped(Message Message, IReadOnlyList<int> TokenIds, ProcessUsage Usage) : JournalEvent
{
    /// <summary>Why, for people; null where a person stopped it.</summary>
    public string? Reason { get; init; }

    [JsonIgnore]
    public override string? SearchText => TextOf(Message);

    [JsonIgnore]
    public override ProcessUsage? Cost => Usage;
}

/// <summary>The answer came to nothing; what was said stays.</summary>
/// <param name="Reason">For people.</param>
public sealed record AnswerFailed(string Reason) : JournalEvent;

/// <summary>The process is in another state.</summary>
/// <param name="State">Since now.</param>
/// <param name="Reason">For people; null where the state says all.</param>
public sealed record StateChanged(ProcessState State, string? Reason = null) : JournalEvent;

public sealed record Renamed(string Title) : JournalEvent;

public sealed record Niced(ProcessPriority Priority) : JournalEvent;

/// <summary>A person is asked whether a call may run.</summary>
/// <param name="Call">All of it.</param>
/// <param name="Effect">The question in one line.</param>
/// <param name="Effects">What of it needs the permission, whole.</param>
public sealed record ApprovalAsked(ToolCallPart Call, string Effect, IReadOnlyList<AskedEffect>? Effects = null) : JournalEvent;

/// <summary>A person has decided.</summary>
/// <param name="CallId">Of the call that was asked for.</param>
/// <param name="IsGranted">It may run.</param>
/// <param name="Scope">How long that holds.</param>
/// <param name="Reason">What the model is told of a refusal; null where the person said nothing more.</param>
/// <param name="Remembered">The lasting part of it, which is in the permissions from then on.</param>
public sealed record ApprovalDecided(
    string? CallId, bool IsGranted, ApprovalScope Scope, string? Reason = null, IReadOnlyList<PermissionRule>? Remembered = null)
    : JournalEvent;

/// <summary>A permission that was decided in this process holds no more.</summary>
/// <param name="Permission">Its id.</param>
public sealed record PermissionRevoked(long Permission) : JournalEvent;

/// <summary>
/// A person has decided about a page of the context. It holds from the next answer on: runs of one answer read the same.
/// </summary>
/// <param name="Page">The number of the page.</param>
/// <param name="Mark">What was decided.</param>
public sealed record PageMarked(int Page, PageMark Mark) : JournalEvent;

/// <summary>
/// The beginning of the conversation was summarised before it leaves the window. The summary stands in its place from the next answer on
/// whose window has no room for it; the words themselves stay.
/// </summary>
/// <param name="LastPage">All pages up to this one.</param>
/// <param name="Text">The summary.</param>
/// <param name="Model">Which model made it.</param>
/// <param name="Usage">What it cost.</param>
public sealed record Summarized(int LastPage, string Text, string? Model, ProcessUsage Usage) : JournalEvent
{
    [JsonIgnore]
    public override ProcessUsage? Cost => Usage;
}

/// <summary>A timer was set: the process is one.</summary>
/// <param name="Schedule">When it runs.</param>
/// <param name="Message">What is said to each of its jobs.</param>
/// <param name="Missed">What becomes of runs whose time came while the system was off.</param>
public sealed record TimerSet(TimerSchedule Schedule, string Message, MissedRuns Missed = MissedRuns.Once) : JournalEvent;

/// <summary>A timer was due and has begun a job, in the same write.</summary>
/// <param name="Due">When it was due.</param>
/// <param name="Job">The process that it began.</param>
/// <param name="Missed">So many of its times were missed, this one included where it comes late.</param>
/// <param name="Since">The first that was missed, where that was another; null for none.</param>
public sealed record TimerFired(DateTimeOffset Due, long Job, int Missed = 0, DateTimeOffset? Since = null) : JournalEvent;

/// <summary>A timer was due and has begun nothing.</summary>
/// <param name="Due">When it was due.</param>
/// <param name="Reason">For people.</param>
/// <param name="Missed">So many of its times were missed, this one included where it comes late.</param>
/// <param name="Since">The first that was missed, where that was another; null for none.</param>
public sealed record TimerSkipped(DateTimeOffset Due, string Reason, int Missed = 0, DateTimeOffset? Since = null) : JournalEvent;

/// <summary>The clock shows an earlier time than that at which a timer was last due: from here on it goes by this one.</summary>
/// <param name="To">What it shows.</param>
public sealed record ClockSetBack(DateTimeOffset To) : JournalEvent;

/// <summary>
/// The conversation goes on from an earlier place. What came after that stays in the journal, as a branch of its own, and is not read any
/// more, unless a later event of this kind goes back to it.
/// </summary>
/// <param name="At">The last event that both branches have in common.</param>
/// <param name="Messages">
/// Of what was said until then so many messages are kept, and nothing is due; null for everything as it was at that event.
/// </param>
/// <param name="Questions">So many of these messages are a user's; null where <paramref name="Messages"/> is.</param>
public sealed record Branched(long At, int? Messages = null, int? Questions = null) : JournalEvent;

/// <summary>The process is answered by another model from its next run on.</summary>
/// <param name="Model">Its name; null for the usual one.</param>
public sealed record ModelChosen(string? Model) : JournalEvent;

/// <summary>A person has judged an answer: what a later training learns from. The last one about an answer counts.</summary>
/// <param name="Answer">The event with which the answer ended.</param>
/// <param name="Verdict">Good or bad; null for neither.</param>
/// <param name="Reason">Why.</param>
/// <param name="Ideal">What the answer should have been; null where nobody wrote it.</param>
/// <param name="Better">Ends of answers to the same question, the best first; null for no comparison.</param>
public sealed record FeedbackGiven(
    long Answer, FeedbackVerdict? Verdict = null, string? Reason = null, string? Ideal = null, IReadOnlyList<long>? Better = null)
    : JournalEvent
{
    /// <summary>
    /// So many of <see cref="Better"/> are in an order; of the others it is only known that they are worse. Null for all.
    /// </summary>
    public int? Ranked { get; init; }

    /// <summary>It says nothing: what was said before is taken back.</summary>
    [JsonIgnore]
    public bool IsEmpty => Verdict is null && Reason is null && Ideal is null && Better is null;
}

/// <summary>
/// A person has run a call beside the conversation, such as code of an answer, and it is over. For people alone: no model reads it, no
/// search finds it, and it costs the process nothing.
/// </summary>
/// <param name="Answer">An event of the answer that it belongs to; 0 for none.</param>
/// <param name="Call">The call.</param>
/// <param name="Result">The message of the tool.</param>
/// <param name="Milliseconds">How long it ran.</param>
public sealed record PersonCalled(long Answer, ToolCallPart Call, Message Result, long Milliseconds) : JournalEvent
{
    /// <summary>
    /// The number, from 0, of the message that it belongs to among those that the process began with, as a fork or an import does; null
    /// where the answer was given here, or nobody knows.
    /// </summary>
    public int? MessageIndex { get; init; }
}

/// <summary>A <see cref="RunEnded"/> for who does not ask for its tokens.</summary>
sealed record RunWithoutTokens(
    Message Message, string? FinishReason, [property: JsonConverter(typeof(SeedConverter))] ulong? Seed, ProcessUsage Usage,
    string? StopReason = null);
