using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core.Conversations;

namespace Noos.Kernel.Tracing;

/// <summary>The events of one answer, and what follows from them.</summary>
public sealed class Trace
{
    // People read this in a terminal: text outside ASCII as it is.
    static readonly TraceJsonContext s_json =
        new(new JsonSerializerOptions(TraceJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    readonly List<TraceEvent> _events = [];

    public IReadOnlyList<TraceEvent> Events => _events;

    /// <summary>What the model said after its last tool call: the answer proper.</summary>
    public string Answer =>
        string.Concat(_events.Skip(_events.FindLastIndex(item => item is ToolResultEvent) + 1)
            .OfType<TextEvent>()
            .Select(item => item.Text)).Trim();

    /// <summary>The passages that the answer proper cites.</summary>
    public IReadOnlyList<CitedPassage> Citations => CitedPassage.Find(Answer, Read);

    /// <summary>What tools have answered.</summary>
    public IEnumerable<Part> Read => _events.OfType<ToolResultEvent>().Select(result => result.ToPart());

    public IReadOnlyList<ToolCallEvent> Calls => [.. _events.OfType<ToolCallEvent>()];

    /// <summary>Prompt tokens over all runs of the model.</summary>
    public long PromptTokens => _events.OfType<ModelRunEvent>().Sum(run => run.PromptTokens);

    public long GeneratedTokens => _events.OfType<ModelRunEvent>().Sum(run => run.GeneratedTokens);

    /// <summary>Why the last run of the model ended; null when it was interrupted.</summary>
    public string? FinishReason => (_events.LastOrDefault() as ModelRunEvent)?.FinishReason;

    /// <summary>What stopped it, beyond the finish reason; null where there is no more to say.</summary>
    public string? StopReason => (_events.LastOrDefault() as ModelRunEvent)?.StopReason;

    /// <summary>Milliseconds until the first thing happened that a user can see.</summary>
    public double? FirstEventMs => _events.Count == 0 ? null : _events[0].AtMs;

    public double ElapsedMs => _events.Count == 0 ? 0 : _events[^1].AtMs;

    /// <summary>Adds an event; a piece of text joins the text before it.</summary>
    public void Add(TraceEvent item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (item is RunStartedEvent or ToolOutputEvent)
        {
            return;
        }

        if (item is TextEvent next && _events.LastOrDefault() is TextEvent last)
        {
            _events[^1] = last with { Text = last.Text + next.Text, TokenIds = Join(last, next) };
        }
        else if (item is ThoughtEvent nextThought && _events.LastOrDefault() is ThoughtEvent lastThought)
        {
            _events[^1] = lastThought with { Text = lastThought.Text + nextThought.Text, TokenIds = Join(lastThought, nextThought) };
        }
        else
        {
            _events.Add(item);
        }
    }

    /// <summary>The messages that these events add to the conversation.</summary>
    /// <param name="keepsOpenCalls">
    /// Whether a call without a result stays: one that the caller answers. Usually it is left out, since the user has stopped it.
    /// </param>
    public IReadOnlyList<Message> ToMessages(bool keepsOpenCalls = false)
    {
        var answered = _events.OfType<ToolResultEvent>().Select(result => result.CallId).ToHashSet(StringComparer.Ordinal);
        var messages = new List<Message>();
        foreach (var item in _events)
        {
            switch (item)
            {
                case TextEvent text:
                    Append(messages, Role.Assistant, new TextPart(text.Text));
                    break;
                case ThoughtEvent thought:
                    Append(messages, Role.Assistant, new ThoughtPart(thought.Text));
                    break;
                case ToolCallEvent call when keepsOpenCalls || answered.Contains(call.CallId):
                    Append(messages, Role.Assistant, new ToolCallPart(call.Name, call.Arguments, call.CallId));
                    break;
                case ToolResultEvent result:
                    Append(messages, Role.Tool, result.ToPart());
                    break;
                default:
                    break;
            }
        }

        return messages;
    }

    /// <summary>The whole trace as one JSON object: model, answer, totals, events.</summary>
    public string ToJson(string model) => JsonSerializer.Serialize(
        new TraceDocument(
            model, Answer, Citations is { Count: > 0 } cited ? cited : null, FinishReason, PromptTokens, GeneratedTokens, FirstEventMs,
            ElapsedMs, _events),
        s_json.TraceDocument);

    static IReadOnlyList<int>? Join(TraceEvent first, TraceEvent second) =>
        first.TokenIds is null ? second.TokenIds : second.TokenIds is null ? first.TokenIds : [.. first.TokenIds, .. second.TokenIds];

    static void Append(List<Message> messages, Role role, Part part)
    {
        if (messages.Count > 0 && messages[^1].Role == role)
        {
            messages[^1] = messages[^1] with { Parts = [.. messages[^1].Parts, part] };
        }
        else
        {
            messages.Add(new Message(role, [part]));
        }
    }
}

sealed record TraceDocument(
    string Model,
    string Answer,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<CitedPassage>? Citations,
    string? FinishReason,
    long PromptTokens,
    long GeneratedTokens,
    double? FirstEventMs,
    double ElapsedMs,
    IReadOnlyList<TraceEvent> Events);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(TraceDocument))]
sealed partial class TraceJsonContext : JsonSerializerContext;
