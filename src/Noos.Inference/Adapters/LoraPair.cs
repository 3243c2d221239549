using Noos.Inference.Weights;

namespace Noos.Inference.Adapters;

/// <summary>The low-rank update of a weight matrix W: W + scale * factor * B A (Hu et al. 2021).</summary>
/// <param name="A">[rank, columns of W]</param>
/// <param name="B">[rows of W, rank], in the order of W's rows.</param>
/// <param name="Factor">alpha / rank.</param>
sealed record LoraPair(WeightMatrix A, WeightMatrix B, float Factor);
