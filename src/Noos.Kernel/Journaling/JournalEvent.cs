using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Journaling;

/// <summary>
/// Something that happened to a process, as the journal keeps it. Together the events of a process say all there is to know about it:
/// recovery, audit, replay and the page read them. Immutable; the discriminator is the column <c>kind</c>.
/// </summary>
public abstract record JournalEvent
{
    static readonly JournalEventJsonContext s_json = JournalEventJsonContext.Default;

    // The names are what stands in the file: never rename one.
    static readonly Dictionary<string, Type> s_types = new(StringComparer.Ordinal)
    {
        ["spawned"] = typeof(Spawned),
        ["said"] = typeof(Said),
        ["run"] = typeof(RunBegan),
        ["wrote"] = typeof(Wrote),
        ["ran"] = typeof(RunEnded),
        ["call"] = typeof(CallBegan),
        ["called"] = typeof(CallEnded),
        ["failed"] = typeof(AnswerFailed),
        ["state"] = typeof(StateChanged),
        ["renamed"] = typeof(Renamed),
        ["niced"] = typeof(Niced),
        ["asked"] = typeof(ApprovalAsked),
        ["decided"] = typeof(ApprovalDecided),
    };

    static readonly Dictionary<Type, string> s_kinds = s_types.ToDictionary(known => known.Value, known => known.Key);

    /// <summary>The name in the file.</summary>
    [JsonIgnore]
    public string Kind => s_kinds[GetType()];

    /// <summary>What a search may find; null for nothing.</summary>
    [JsonIgnore]
    public virtual string? SearchText => null;

    internal string ToJson() => JsonSerializer.Serialize(this, s_json.GetTypeInfo(GetType())!);

    /// <exception cref="NoosException">The text is no such event (Damaged).</exception>
    internal static JournalEvent Parse(string kind, string json)
    {
        try
        {
            return s_types.TryGetValue(kind, out var type)
                ? (JournalEvent)JsonSerializer.Deserialize(json, s_json.GetTypeInfo(type)!)!
                : throw new JsonException($"There is no event \"{kind}\".");
        }
        catch (JsonException e)
        {
            throw new NoosException(ErrorKind.Damaged, $"An event of the journal cannot be read: {e.Message}", e);
        }
    }

    private protected static string? TextOf(Message message)
    {
        var text = string.Join('\n', message.Parts.Select(part => part switch
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

/// <summary>A message was given to the process: by a person, a parent, a timer.</summary>
/// <param name="Message">What was said.</param>
/// <param name="IsQueued">It waits until the answer under way is complete.</param>
public sealed record Said(Message Message, bool IsQueued = false) : JournalEvent
{
    [JsonIgnore]
    public override string? SearchText => TextOf(Message);
}

/// <summary>
/// The model is about to run for the process: what follows without a <see cref="RunEnded"/> was cut short.
/// </summary>
/// <param name="Seed">What the draws begin with; null where the CPU chooses.</param>
public sealed record RunBegan(ulong? Seed = null) : JournalEvent;

/// <summary>What the model wrote since the last such event, with its tokens: durable before anybody sees it.</summary>
public sealed record Wrote(string Text, bool IsThought, IReadOnlyList<int> TokenIds) : JournalEvent;

/// <summary>A run of the model is over.</summary>
/// <param name="Message">What it made.</param>
/// <param name="FinishReason">Why the answer is over; null where calls are to be run first.</param>
/// <param name="Seed">What the draws began with.</param>
/// <param name="TokenIds">All that were generated.</param>
/// <param name="Usage">What it cost.</param>
public sealed record RunEnded(
    Message Message, string? FinishReason, ulong? Seed, IReadOnlyList<int> TokenIds, ProcessUsage Usage) : JournalEvent
{
    [JsonIgnore]
    public override string? SearchText => TextOf(Message);
}

/// <summary>A call is about to run: without a <see cref="CallEnded"/> behind it nobody knows how far it came.</summary>
public sealed record CallBegan(ToolCallPart Call) : JournalEvent;

/// <summary>A call is over.</summary>
/// <param name="Result">The message of the tool.</param>
/// <param name="Usage">What it cost.</param>
public sealed record CallEnded(Message Result, ProcessUsage Usage) : JournalEvent
{
    [JsonIgnore]
    public override string? SearchText => TextOf(Result);
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
public sealed record ApprovalAsked(ToolCallPart Call, string Effect) : JournalEvent;

/// <summary>A person has decided.</summary>
public sealed record ApprovalDecided(string? CallId, bool IsGranted, string Scope) : JournalEvent;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Spawned))]
[JsonSerializable(typeof(Said))]
[JsonSerializable(typeof(RunBegan))]
[JsonSerializable(typeof(Wrote))]
[JsonSerializable(typeof(RunEnded))]
[JsonSerializable(typeof(CallBegan))]
[JsonSerializable(typeof(CallEnded))]
[JsonSerializable(typeof(AnswerFailed))]
[JsonSerializable(typeof(StateChanged))]
[JsonSerializable(typeof(Renamed))]
[JsonSerializable(typeof(Niced))]
[JsonSerializable(typeof(ApprovalAsked))]
[JsonSerializable(typeof(ApprovalDecided))]
[JsonSerializable(typeof(ProcessProgram))]
sealed partial class JournalEventJsonContext : JsonSerializerContext;
