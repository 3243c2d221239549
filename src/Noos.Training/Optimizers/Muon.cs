using Noos.Core;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Model.Fused;
using Noos.Training.Torch;
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
    internal const int NewtonSchulzSteps = 5;

    // Coefficients of the iteration, see Orthogonalize.
    internal const float Linear = 3.4445f;
    internal const float Cubic = -4.7750f;
    internal const float Quintic = 2.0315f;

    readonly MuonOptions _options;
    readonly AdamW _rest;
    readonly Tensor _momentum;
    readonly List<(ParameterSlot Slot, Tensor Values, Tensor Gradients, Tensor Momentum)> _matrices = [];

    // One per thread; none for libtorch.
    readonly NewtonSchulz[] _iterations = [];

    /// <param name="parameters">Changed in place.</param>
    /// <param name="gradients">[layout length]; read at each step.</param>
    /// <param name="rest">For embeddings, norms and heads.</param>
    /// <param name="products">What multiplies.</param>
    /// <param name="workers">Threads that share the matrices; does not change the result.</param>
    /// <exception cref="NoosException">This machine has no such kernels.</exception>
    public Muon(
        Parameters parameters, Tensor gradients, MuonOptions options, AdamWOptions rest, ProductOptions? products = null, int workers = 1)
    {
        if ((products ?? new ProductOptions()).FindKernel() is { } kernel)
        {
            _iterations = [.. Enumerable.Range(0, workers).Select(_ => new NewtonSchulz(kernel))];
        }

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
        using var scope = NewDisposeScope();
        var updates = new Tensor[_matrices.Count];
        for (var index = 0; index < updates.Length; index++)
        {
            var (_, _, gradients, momentum) = _matrices[index];
            momentum.mul_(_options.Momentum).add_(gradients);

            // Nesterov: the gradient at where the momentum is about to lead.
            updates[index] = gradients + (momentum * _options.Momentum);
        }

        OrthogonalizeAll(updates);
        for (var index = 0; index < updates.Length; index++)
        {
            var (slot, values, _, _) = _matrices[index];
            var rate = _options.LearningRate * schedule;

            // Decoupled weight decay, as in AdamW.
            values.mul_(1 - (rate * _options.WeightDecay));

            // An orthogonal matrix changes each row by 1 / sqrt(rows / columns) when it is tall: this keeps the size of the update per
            // output the same for every shape.
            values.sub_(updates[index] * (rate * Math.Sqrt(Math.Max(1.0, (double)slot.Rows / slot.Columns))));
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
            var b = (a * Cubic) + (a.mm(a) * Quintic);
            x = (x * Linear) + b.mm(x);
        }

        return (wide ? x : x.t()).MoveToOuterDisposeScope();
    }

    void OrthogonalizeAll(Tensor[] updates)
    {
        if (_iterations.Length == 0)
        {
            // Equal gradients must give equal bits.
            Blas.UseOneThread();
            for (var index = 0; index < updates.Length; index++)
            {
                updates[index] = Orthogonalize(updates[index]);
            }

            return;
        }

        var pointers = Array.ConvertAll(updates, PointerOf);
        var next = -1;
        Parallel.For(0, _iterations.Length, new ParallelOptions { MaxDegreeOfParallelism = _iterations.Length }, worker =>
        {
            // Whoever is free takes the next matrix: what it becomes depends on nobody.
            for (int index; (index = Interlocked.Increment(ref next)) < pointers.Length;)
            {
                RunIteration(_iterations[worker], pointers[index], _matrices[index].Slot);
            }
        });
    }

    static unsafe nint PointerOf(Tensor tensor) => (nint)tensor.FloatPointer();

    static unsafe void RunIteration(NewtonSchulz iteration, nint matrix, ParameterSlot slot) =>
        iteration.Orthogonalize((float*)matrix, slot.Rows, slot.Columns);

    public void Dispose()
    {
        Array.ForEach(_iterations, iteration => iteration.Dispose());
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
