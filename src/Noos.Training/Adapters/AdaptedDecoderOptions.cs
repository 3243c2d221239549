namespace Noos.Training.Adapters;

/// <summary>How a pass uses memory.</summary>
/// <param name="MaxLength">Longest row in tokens.</param>
/// <param name="MaxRows">Most tokens of a pass, at least <paramref name="MaxLength"/>; several short rows go through the weights together.
/// </param>
/// <param name="Recompute">
/// Activations of a block are computed again in the backward pass instead of being kept (Chen et al., 2016): half as much work again, and
/// the memory of one block instead of all.
/// </param>
/// <param name="Seed">Of dropout.</param>
sealed record AdaptedDecoderOptions(int MaxLength, int MaxRows, bool Recompute, ulong Seed);
