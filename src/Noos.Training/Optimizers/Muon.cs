using Noos.Training.Model;
using Noos.Training.Model.Fused;
using static TorchSharp.torch;

namespace Noos.Training.Optimizers;

/// <summary>Settings of <see cref="Muon"/>; the defaults are those of its authors.</summary>
public sealed record MuonOptions
{
    /// <summary>Peak learning rate of the block matrices, in units of the orthogonal update: not comparable with AdamW's.</summary>
    public double LearningRate { get; init; } = 0.02;

    public double Momentum { get; init; } = 0.95;

    public double WeightDecay { get; init; }
}

/// <summary>
/// Muon (Jordan et al., 2024, https://kellerjordan.github.io/posts/muon): the momentum of each block matrix is replaced by its nearest
/// orthogonal matrix; embeddings, norms and heads are left to AdamW. It pays at large batches; at a few thousand tokens per step its extra
/// matrix products cost more than they bring.
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

        // Equal gradients must give equal bits.
        Blas.UseOneThread();
        foreach (var (slot, values, gradients, momentum) in _matrices)
        {
            using var scope = NewDisposeScope();
            momentum.mul_(_options.Momentum).add_(gradients);

            // Nesterov: the gradient at where the momentum is about to lead.
            var update = Orthogonalize(gradients + (momentum * _options.Momentum));
            var rate = _options.LearningRate * schedule;

            // Decoupled weight decay, as in AdamW.
            values.mul_(1 - (rate * _options.WeightDecay));

            // An orthogonal matrix changes each row by 1 / sqrt(rows / columns) when it is tall: this keeps the size of the update per
            // output the same for every shape.
            values.sub_(update * (rate * Math.Sqrt(Math.Max(1.0, (double)slot.Rows / slot.Columns))));
        }

        _rest.Step(schedule);
    }

    /// <summary>
    /// The nearest orthogonal matrix U·Vᵀ of U·S·Vᵀ, roughly: drives all singular values towards 1 by Newton-Schulz iterations.
    /// </summary>
    /// <remarks>
    /// Each step applies p(s) = 3.4445·s − 4.7750·s³ + 2.0315·s⁵ to every singular value. Jordan chose the coefficients for the steepest
    /// slope at zero that stays bounded, so that even small singular values arrive within five steps; the price is that they settle between
    /// 0.7 and 1.2 instead of at 1, which does not matter to training.
    /// </remarks>
    /// <param name="matrix">[rows, columns]</param>
    /// <returns>[rows, columns]</returns>
    public static Tensor Orthogonalize(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        var wide = matrix.shape[0] <= matrix.shape[1];

        // The smaller side is the one that x·xᵀ has: fewer operations.
        var x = wide ? matrix : matrix.t();

        // The Frobenius norm bounds the largest singular value by 1, where the iteration converges.
        x = x / (x.norm() + 1e-7);
        for (var step = 0; step < NewtonSchulzSteps; step++)
        {
            // 3.4445·x − 4.7750·A·x + 2.0315·A²·x with A = x·xᵀ: that is p applied to the singular values.
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
