using System.Text.Json.Serialization;
using Noos.Corpus.Cleaning.Signals;

namespace Noos.Corpus.Cleaning.Policies;

/// <summary>A bound on a signal; a document outside is dropped, and the name of the rule is the reason.</summary>
public sealed record PolicyRule
{
    /// <summary>The reason, such as <c>gopher-short</c>.</summary>
    public required string Name { get; init; }

    /// <summary>See <see cref="SignalNames"/>. What was not measured is not judged.</summary>
    public required string Signal { get; init; }

    /// <summary>The least that is kept; null for no bound.</summary>
    public double? Min { get; init; }

    /// <summary>The most that is kept; null for no bound.</summary>
    public double? Max { get; init; }

    /// <summary>The languages that it is for; null for all.</summary>
    public IReadOnlyList<string>? Languages { get; init; }

    /// <summary>False: it is counted in reports and drops nothing.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>What it is for, in a sentence for people.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>Whether a document is outside, whether or not the rule is enabled.</summary>
    public bool Catches(SignalSet signals, string language)
    {
        ArgumentNullException.ThrowIfNull(signals);
        return signals[Signal] is { } value && (value < Min || value > Max) && (Languages?.Contains(language) ?? true);
    }
}
