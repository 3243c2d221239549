using Noos.Language.Gguf;

namespace Noos.Inference.Weights;

/// <summary>A packed matrix and the tensor whose rows it holds.</summary>
/// <param name="Matrix">The packed matrix.</param>
/// <param name="Tensor">The source in the file; one tensor may give several matrices (fused QKV, experts).</param>
/// <param name="Order">Which rows of the tensor, and in what order.</param>
sealed record PackedTensor(WeightMatrix Matrix, GgufTensor Tensor, RowOrder Order);
