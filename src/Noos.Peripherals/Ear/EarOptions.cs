using Noos.Inference;

namespace Noos.Peripherals.Ear;

/// <summary>Which ear hears.</summary>
public sealed record EarOptions
{
    /// <summary>A file of whisper.cpp, or a name such as "base.en"; null for the best that is installed.</summary>
    public string? Name { get; init; }

    /// <summary>Where ears lie: in them, and in folders below them.</summary>
    public required IReadOnlyList<string> Folders { get; init; }

    /// <summary>How the model is computed.</summary>
    public InferenceOptions Inference { get; init; } = new();
}
