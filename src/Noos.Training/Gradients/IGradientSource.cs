using Noos.Core;
using Noos.Training.Model;
using Noos.Training.Objectives;
using static TorchSharp.torch;

namespace Noos.Training.Gradients;

/// <summary>
/// Losses of the model in training and their gradients, wherever they are computed: by threads of this process
/// (<see cref="GradientTeam"/>), on a device (<see cref="DeviceGradients"/>) or by processes on several machines
/// (<see cref="Distributed.DistributedGradients"/>). The seam for other ways, such as NCCL among GPUs, which must sum the parts of a batch
/// in a fixed order.
/// </summary>
/// <remarks>One caller at a time; calls block.</remarks>
public interface IGradientSource : ILossSource, IDisposable
{
    /// <summary>
    /// [layout length] on this processor, where the gradient of the last batch lies; fixed for the lifetime of this object.
    /// </summary>
    Tensor Gradient { get; }

    /// <summary>Length of <see cref="Gradient"/> as the last batch left it.</summary>
    double Norm { get; }

    /// <summary>Computes the mean loss of the rows per unit of weight, and leaves its gradient in <see cref="Gradient"/>.</summary>
    /// <param name="objective">What is minimised.</param>
    /// <param name="rows">Whole samples, one after the other.</param>
    /// <exception cref="NoosException">The objective cannot be computed here (Refused).</exception>
    double Compute(IObjective objective, IReadOnlyList<TrainingRow> rows);

    /// <inheritdoc cref="Compute(IObjective, IReadOnlyList{TrainingRow})"/>
    /// <param name="step">Number of the update that it is for.</param>
    /// <exception cref="TaintedWeightsException">The weights cannot be trusted any more.</exception>
    double Compute(IObjective objective, IReadOnlyList<TrainingRow> rows, long step) => Compute(objective, rows);

    /// <summary>What the machine can do at the precision of this source, in operations per second, for the utilisation.</summary>
    double MeasurePeak();
}
