namespace Noos.Language.Models;

/// <summary>How far <see cref="ModelQuantizer"/> has come.</summary>
/// <param name="Tensor">The one being written.</param>
/// <param name="Done">Values written so far.</param>
/// <param name="Total">Values of the model.</param>
public readonly record struct QuantizationProgress(string Tensor, long Done, long Total);
