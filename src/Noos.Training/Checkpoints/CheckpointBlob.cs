using Noos.Language.Safetensors;

namespace Noos.Training.Checkpoints;

/// <summary>One safetensors file of a checkpoint.</summary>
/// <param name="Name">
/// File name without extension, such as <c>model</c> or <c>optimizer</c>: letters, digits, <c>-</c> and <c>_</c>.
/// </param>
/// <param name="Tensors">Written in turn, so that large ones need not all be in memory.</param>
/// <param name="Metadata">Free texts in the header of the file.</param>
public sealed record CheckpointBlob(
    string Name, IEnumerable<SafetensorsEntry> Tensors, IReadOnlyDictionary<string, string>? Metadata = null);
