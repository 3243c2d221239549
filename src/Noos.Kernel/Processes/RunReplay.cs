using System.Text.Json.Serialization;
using Noos.Kernel.Cpu;

namespace Noos.Kernel.Processes;

/// <summary>What came of a run of the model that was made again.</summary>
/// <param name="Event">The event with which the run ended.</param>
/// <param name="Tokens">How many were recorded.</param>
/// <param name="Difference">The first difference; null where there is none.</param>
public sealed record RunReplay(long Event, int Tokens, ReplayDifference? Difference)
{
    /// <summary>Why it was not made again; null where it was.</summary>
    public string? Skipped { get; init; }

    /// <summary>What the draws began with.</summary>
    [JsonConverter(typeof(SeedConverter))]
    public ulong? Seed { get; init; }
}

/// <summary>Where a run that was made again leaves the recorded one.</summary>
/// <param name="Index">The number of the token, from 0.</param>
/// <param name="Recorded">The token in the journal; null where the run had ended.</param>
/// <param name="Replayed">The token now; null where the run has ended.</param>
/// <param name="RecordedText">What was written.</param>
/// <param name="ReplayedText">What is written now.</param>
public sealed record ReplayDifference(int Index, int? Recorded, int? Replayed, string RecordedText, string ReplayedText);
