using System.Text.Json;
using System.Text.Json.Serialization;

namespace Noos.Core.Facts;

/// <summary>One step in the life of a fact.</summary>
/// <param name="Id">Grows with every change of any fact.</param>
/// <param name="Fact">Which fact.</param>
/// <param name="Kind">What was done.</param>
/// <param name="Source">Who did it, in words.</param>
/// <param name="Time">When.</param>
/// <param name="Before">What it was; null where it did not exist.</param>
/// <param name="After">What it became.</param>
public sealed record FactChange(
    long Id, long Fact, FactChangeKind Kind, string Source, DateTimeOffset Time, FactVersion? Before, FactVersion After);

/// <summary>All of a fact that can change.</summary>
/// <param name="Text">What is remembered.</param>
/// <param name="State">Whether models are told of it.</param>
/// <param name="Labels">Words to find it by.</param>
/// <param name="Origin">See <see cref="Facts.Fact.Origin"/>.</param>
public sealed record FactVersion(string Text, FactState State, IReadOnlyList<string> Labels, Conversations.Origin? Origin);

/// <summary>What was done to a fact.</summary>
[JsonConverter(typeof(FactChangeKindConverter))]
public enum FactChangeKind
{
    Added,
    Changed,
    Accepted,
    Forgotten,

    /// <summary>The change before was taken back; taken back again, it holds again.</summary>
    Undone,
}

/// <summary>Kinds in lower case.</summary>
public sealed class FactChangeKindConverter()
    : JsonStringEnumConverter<FactChangeKind>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
