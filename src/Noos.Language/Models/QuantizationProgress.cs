namespace Noos.Language.Models;

/// <summary>Progress of <see cref="ModelQuantizer"/> and of conversions, in values.</summary>
/// <param name="Tensor">The one being written.</param>
/// <param name="Done">Values written so far.</param>
/// <param name="Total">Values of the model.</param>
public readonly record struct QuantizationProgress(string Tensor, long Done, long Total);
