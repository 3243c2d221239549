using System.Text.Json.Serialization;
using Noos.Core.Facts;

namespace Noos.Server.Facts;

/// <param name="Data">Those that changed last first; of a search the best.</param>
public sealed record FactList(IReadOnlyList<Fact> Data);

/// <param name="Data">The oldest first.</param>
public sealed record FactChangeList(IReadOnlyList<FactChange> Data);

/// <summary>What <c>/api/facts</c> answers, as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Fact))]
[JsonSerializable(typeof(FactList))]
[JsonSerializable(typeof(FactChangeList))]
public sealed partial class FactJson : JsonSerializerContext;
