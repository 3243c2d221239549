namespace Noos.Training.Runs;

/// <summary>What the report says about a run besides its measurements.</summary>
public sealed record RunDescription
{
    /// <summary>Headline.</summary>
    public required string Title { get; init; }

    /// <summary>One sentence below the headline; may be empty.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Updates of the whole run.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Names and values of the recipe.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; } = [];

    /// <summary>The data trained on; null when unknown.</summary>
    public ReportTable? Data { get; init; }

    /// <summary>Machine and software, see <see cref="RunEnvironment"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];
}
