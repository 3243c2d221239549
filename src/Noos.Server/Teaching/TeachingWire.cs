using System.Text.Json.Serialization;
using Noos.Kernel.Teaching;

namespace Noos.Server.Teaching;

/// <param name="Consent">When its owner agreed that models are trained on it; null where that is not so.</param>
/// <param name="Count">How much there is in all.</param>
/// <param name="Data">The last first.</param>
public sealed record TeachingList(DateTimeOffset? Consent, TeachingCount Count, IReadOnlyList<TaughtAnswer> Data);

/// <param name="Consent">When it was given; null where it is not.</param>
public sealed record TeachingConsent(DateTimeOffset? Consent);

/// <param name="Forgotten">About so many answers.</param>
public sealed record TeachingForgotten(int Forgotten);

/// <summary>What <c>/api/teaching</c> answers, as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(TeachingList))]
[JsonSerializable(typeof(TeachingConsent))]
[JsonSerializable(typeof(TeachingForgotten))]
public sealed partial class TeachingJson : JsonSerializerContext;
