using System.Text.Json.Serialization;
using Noos.Kernel.Timers;

namespace Noos.Server.Timers;

/// <param name="Data">In the order in which they were set.</param>
public sealed record TimerList(IReadOnlyList<TimerRecord> Data);

/// <summary>What <c>/api/timers</c> answers, as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(TimerRecord))]
[JsonSerializable(typeof(TimerList))]
public sealed partial class TimerJson : JsonSerializerContext;
