using Noos.Inference.Transformer;

namespace Noos.Inference.Adapters;

/// <summary>What is added to a matrix W: factor * B A (Hu et al. 2021).</summary>
/// <param name="A">[rank, columns of W]</param>
/// <param name="B">[rows of W, rank], in the order of W's rows.</param>
/// <param name="Factor">alpha / rank.</param>
sealed record LoraPair(WeightMatrix A, WeightMatrix B, float Factor);
