using Noos.Core;
using Noos.Training.Model;
using Noos.Training.Objectives;
using static TorchSharp.torch;

namespace Noos.Training.Gradients;

/// <summary>
/// Computes the gradient of a batch: by threads of this process (<see cref="GradientTeam"/>) or by processes on several machines
/// (<see cref="Distributed.DistributedGradients"/>). Equal weights and batches give bit-equal gradients, whoever computes them: this is the
/// seam for other ways, such as NCCL on GPUs, which must sum the shards of a batch in the same order.
/// </summary>
/// <remarks>One caller at a time; calls block.</remarks>
public interface IGradientSource : ILossSource, IDisposable
{
    /// <summary>[layout length] where the gradient of the last batch lies.</summary>
    Tensor Gradient { get; }

    /// <summary>Length of <see cref="Gradient"/> as the last batch left it.</summary>
    double Norm { get; }

    /// <summary>Computes the mean loss of the rows per unit of weight, and leaves its gradient in <see cref="Gradient"/>.</summary>
    /// <param name="rows">Whole samples, one after the other.</param>
    /// <param name="step">Number of the update that it is for.</param>
    /// <exception cref="TaintedWeightsException">The weights cannot be trusted any more.</exception>
    /// <exception cref="NoosException">It cannot be computed.</exception>
    double Compute(IObjective objective, IReadOnlyList<TrainingRow> rows, long step);
}
