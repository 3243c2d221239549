namespace Noos.Factory.Weeks;

/// <summary>A week: when it began, what it began with, and what of it is done. The file is the only memory of a week.</summary>
/// <param name="Number">From 1 on.</param>
/// <param name="Started">What was taught later is for the next week.</param>
/// <param name="Recipe">Hash of its recipe.</param>
public sealed record WeekState(int Number, DateTimeOffset Started, string Recipe)
{
    /// <summary>The file of the model that candidates are compared with.</summary>
    public string Champion { get; init; } = "";

    /// <summary>The number of the champion that it is; null where it is the assistant of the recipe.</summary>
    public int? ChampionNumber { get; init; }

    /// <summary>Steps that are done, with the seconds that the last try of each has taken: after a kill that is not all.</summary>
    public IReadOnlyDictionary<string, double> Done { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>What was decided; null until the gate.</summary>
    public bool? IsPassed { get; init; }

    /// <summary>The number of the champion that it made; null where it made none.</summary>
    public int? Promoted { get; init; }
}
