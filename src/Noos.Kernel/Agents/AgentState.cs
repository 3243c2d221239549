using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;

namespace Noos.Kernel.Agents;

/// <summary>
/// Where an answer stands between two steps of the <see cref="AgentLoop"/>. Plain data: written as JSON and read again, on this machine or
/// another, the answer goes on from there.
/// </summary>
/// <param name="Turn">What the model is asked: the conversation so far, its last messages those of this answer.</param>
public sealed record AgentState(Turn Turn)
{
    /// <summary>On whose behalf tools run; one for each answer.</summary>
    public string ProcessId { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>
    /// The folder in which the tools of an answer without a process may work; null for none. Of one machine, and so not written.
    /// </summary>
    [JsonIgnore]
    public string? Folder { get; init; }

    /// <summary>Steps that are over.</summary>
    public int Steps { get; init; }

    /// <summary>Runs of the model that are over.</summary>
    public int Runs { get; init; }

    /// <summary>Events that were told: the next has the next number.</summary>
    public long Events { get; init; }

    /// <summary>
    /// Calls of the last run that have no result yet, in the model's order. The first is the next step; without any, a run of the model is.
    /// </summary>
    public IReadOnlyList<ToolCallPart> PendingCalls { get; init; } = [];

    /// <summary>Why the answer is over; null while it is not.</summary>
    public string? FinishReason { get; init; }

    [JsonIgnore]
    public bool IsFinished => FinishReason is not null;

    public string ToJson() => JsonSerializer.Serialize(this, AgentStateJsonContext.Default.AgentState);

    /// <exception cref="NoosException">The text is no state; its kind is <see cref="ErrorKind.Damaged"/>.</exception>
    public static AgentState FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, AgentStateJsonContext.Default.AgentState)
                ?? throw new JsonException("There is no object.");
        }
        catch (JsonException exception)
        {
            throw new NoosException(ErrorKind.Damaged, $"The recorded state of an answer cannot be read: {exception.Message}", exception);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(AgentState))]
sealed partial class AgentStateJsonContext : JsonSerializerContext;
