using Noos.Training.Model;
using static TorchSharp.torch;

namespace Noos.Training.Optimizers;

/// <summary>Peak learning rate and momentum of <see cref="Muon"/>.</summary>
public sealed record MuonOptions
{
    public double LearningRate { get; init; } = 0.02;

    public double Momentum { get; init; } = 0.95;

    public double WeightDecay { get; init; }
}

/// <summary>
/// Muon (Jordan et al., 2024): the momentum of each block matrix is replaced by its nearest orthogonal matrix; embeddings and norms are left
/// to AdamW. It pays at large batches; at a few thousand tokens a step its extra matrix products cost more than they bring.
/// </summary>
public sealed class Muon : IOptimizer
{
    const int NewtonSchulzSteps = 5;

    readonly MuonOptions _options;
    readonly AdamW _rest;
    readonly Tensor _momentum;
    readonly List<(ParameterSlot Slot, Tensor Values, Tensor Gradients, Tensor Momentum)> _matrices = [];

    public Muon(Parameters parameters, Tensor gradients, MuonOptions options, AdamWOptions rest)
    {
        _options = options;
        _rest = new AdamW(parameters, gradients, rest, parameters.Layout.DecayLength);
        _momentum = zeros(parameters.Layout.DecayLength).DetachFromDisposeScope();
        State = new Dictionary<string, Tensor>(_rest.State, StringComparer.Ordinal) { ["muon.momentum"] = _momentum };
        foreach (var slot in parameters.Layout.Slots.Where(slot => slot.Decays))
        {
            _matrices.Add((slot, View(parameters.Values, slot), View(gradients, slot), View(_momentum, slot)));
        }

        static Tensor View(Tensor flat, ParameterSlot slot) => Parameters.View(flat, slot).DetachFromDisposeScope();
    }

    public long StepCount
    {
        get => _rest.StepCount;
        set => _rest.StepCount = value;
    }

    public IReadOnlyDictionary<string, Tensor> State { get; }

    public void Step(double schedule)
    {
        using var noGradient = no_grad();
        foreach (var (slot, values, gradients, momentum) in _matrices)
        {
            using var scope = NewDisposeScope();
            momentum.mul_(_options.Momentum).add_(gradients);
            var update = Orthogonalize(gradients + (momentum * _options.Momentum));
            var rate = _options.LearningRate * schedule;
            values.mul_(1 - (rate * _options.WeightDecay));
            values.sub_(update * (rate * Math.Sqrt(Math.Max(1.0, (double)slot.Rows / slot.Columns))));
        }

        _rest.Step(schedule);
    }

    /// <summary>
    /// Drives all singular values towards 1 by the quintic Newton-Schulz iteration with Jordan's coefficients, which trade exactness
    /// (they settle between 0.7 and 1.2) for speed.
    /// </summary>
    public static Tensor Orthogonalize(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        var wide = matrix.shape[0] <= matrix.shape[1];
        var x = wide ? matrix : matrix.t();
        x = x / (x.norm() + 1e-7);
        for (var step = 0; step < NewtonSchulzSteps; step++)
        {
            var a = x.mm(x.t());
            var b = (a * -4.7750) + (a.mm(a) * 2.0315);
            x = (x * 3.4445) + b.mm(x);
        }

        return (wide ? x : x.t()).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var (_, values, gradients, momentum) in _matrices)
        {
            values.Dispose();
            gradients.Dispose();
            momentum.Dispose();
        }

        _momentum.Dispose();
        _rest.Dispose();
    }
}
