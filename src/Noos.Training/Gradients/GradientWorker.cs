using Noos.Core;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Model.Fused;
using Noos.Training.Objectives;
using static TorchSharp.torch;

namespace Noos.Training.Gradients;

/// <summary>
/// Brings a transformer and an objective together for one sample after the other. Used by one thread at a time; several share the weights.
/// </summary>
public sealed class GradientWorker : IDisposable
{
    readonly FusedTransformer _model;

    // Null where a team packs the weights for all of its workers, and for libtorch.
    readonly PackedWeights? _own;

    /// <param name="parameters">Shared weights; read only.</param>
    /// <param name="gradients">[layout length] this worker's own gradient buffer, added to.</param>
    /// <param name="maxRows">Rows of one sample at most.</param>
    /// <param name="products">What multiplies.</param>
    /// <exception cref="NoosException">This machine has no such kernels.</exception>
    public GradientWorker(Parameters parameters, Tensor gradients, int maxRows = 1, ProductOptions? products = null)
    {
        _own = (products ?? new ProductOptions()).FindKernel() is { } kernel ? new PackedWeights(parameters, kernel) : null;
        _model = new FusedTransformer(parameters, gradients, maxRows, _own);
    }

    /// <param name="packed">Weights that the caller packs before each call; null for libtorch.</param>
    internal GradientWorker(Parameters parameters, Tensor gradients, int maxRows, PackedWeights? packed) =>
        _model = new FusedTransformer(parameters, gradients, maxRows, packed);

    /// <summary>Adds the gradient of <paramref name="scale"/> · loss of one sample to the gradient buffer.</summary>
    /// <param name="sample">The rows of one sample.</param>
    /// <param name="scale">Usually one over the weight of the whole batch; not 0.</param>
    /// <returns>The loss of the sample, not scaled.</returns>
    public double AddGradient(IObjective objective, ReadOnlySpan<TrainingRow> sample, float scale) =>
        AddGradient(objective, sample, scale, overwrite: false);

    /// <inheritdoc cref="AddGradient(IObjective, ReadOnlySpan{TrainingRow}, float)"/>
    /// <param name="overwrite">See <see cref="FusedTransformer.Backward(int, bool)"/>.</param>
    internal double AddGradient(IObjective objective, ReadOnlySpan<TrainingRow> sample, float scale, bool overwrite)
    {
        _own?.Update(1);
        var loss = objective.Compute(sample, _model.Forward(sample), scale);
        _model.Backward(sample.Length, overwrite);
        return loss;
    }

    /// <summary>The loss of one sample, without a gradient.</summary>
    public double Loss(IObjective objective, ReadOnlySpan<TrainingRow> sample)
    {
        _own?.Update(1);
        return objective.Compute(sample, _model.Forward(sample), scale: 0);
    }

    public void Dispose()
    {
        _model.Dispose();
        _own?.Dispose();
    }
}
