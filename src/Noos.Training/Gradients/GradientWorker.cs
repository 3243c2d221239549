using Noos.Training.Model;
using Noos.Training.Model.Fused;
using Noos.Training.Objectives;
using static TorchSharp.torch;

namespace Noos.Training.Gradients;

/// <summary>
/// Brings a transformer and an objective together for one sample after the other. Used by one thread at a time; several share the weights.
/// </summary>
/// <param name="parameters">Shared weights; read only.</param>
/// <param name="gradients">[layout length] this worker's own gradient buffer, added to.</param>
/// <param name="maxRows">Rows of one sample at most.</param>
public sealed class GradientWorker(Parameters parameters, Tensor gradients, int maxRows = 1) : IDisposable
{
    readonly FusedTransformer _model = new(parameters, gradients, maxRows);

    /// <summary>Adds the gradient of <paramref name="scale"/> · loss of one sample to the gradient buffer.</summary>
    /// <param name="sample">The rows of one sample.</param>
    /// <param name="scale">Usually one over the weight of the whole batch; not 0.</param>
    /// <returns>The loss of the sample, not scaled.</returns>
    public double AddGradient(IObjective objective, ReadOnlySpan<TrainingRow> sample, float scale)
    {
        var loss = objective.Compute(sample, _model.Forward(sample), scale);
        _model.Backward(sample.Length);
        return loss;
    }

    /// <summary>The loss of one sample, without a gradient.</summary>
    public double Loss(IObjective objective, ReadOnlySpan<TrainingRow> sample) =>
        objective.Compute(sample, _model.Forward(sample), scale: 0);

    public void Dispose() => _model.Dispose();
}
