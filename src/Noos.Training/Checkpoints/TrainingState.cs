using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Training.Runs;

namespace Noos.Training.Checkpoints;

/// <summary>Everything besides the tensors that a training needs to go on exactly where it stopped. Stored as <c>state.json</c>.</summary>
public sealed record TrainingState
{
    /// <summary>Updates done; the metrics log is cut back to this step on resume.</summary>
    public required long Step { get; init; }

    /// <summary>Rows of training data consumed.</summary>
    public long Rows { get; init; }

    /// <summary>Tokens trained on.</summary>
    public long Tokens { get; init; }

    /// <summary>State of the random generator, opaque.</summary>
    public byte[] RandomState { get; init; } = [];

    /// <summary>Hash of the recipe: a run is not continued with other settings by accident.</summary>
    public string ConfigHash { get; init; } = "";

    /// <summary>Factor on the scheduled learning rate, lowered by roll-backs.</summary>
    public double LearningRateScale { get; init; } = 1;

    /// <summary>Updates skipped as outliers.</summary>
    public long SkippedUpdates { get; init; }

    /// <summary>Window of the outlier detector.</summary>
    public OutlierDetectorState? Outliers { get; init; }

    /// <summary>Values of newer or other writers, kept as they are.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement> Extra { get; init; } = [];
}
