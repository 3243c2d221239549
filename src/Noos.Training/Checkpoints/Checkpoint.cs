using Noos.Language.Safetensors;

namespace Noos.Training.Checkpoints;

/// <summary>A complete checkpoint on disk whose checksums were verified.</summary>
public sealed record Checkpoint(string Folder, TrainingState State)
{
    /// <summary>Opens the safetensors file of a blob, such as <c>model</c>.</summary>
    public SafetensorsFile Open(string blob) => SafetensorsFile.Open(PathOf(blob));

    public string PathOf(string blob) => Path.Combine(Folder, blob + ".safetensors");
}
