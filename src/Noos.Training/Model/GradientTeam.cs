using Noos.Training.Model.Fused;
using static TorchSharp.torch;

namespace Noos.Training.Model;

/// <summary>
/// Several <see cref="FusedTransformer"/>s that share the rows of a batch. Which worker computes which row is fixed, and their gradients
/// are summed in a fixed order: the result does not depend on timing.
/// </summary>
public sealed class GradientTeam : IDisposable
{
    readonly Tensor[] _buffers;
    readonly FusedTransformer[] _workers;
    readonly double[] _losses;

    public GradientTeam(Parameters parameters, int workers)
    {
        _buffers = Enumerable.Range(0, workers).Select(_ => zeros(parameters.Layout.Length).DetachFromDisposeScope()).ToArray();
        _workers = [.. _buffers.Select(buffer => new FusedTransformer(parameters, buffer))];
        _losses = new double[workers];
    }

    /// <summary>Where the gradient of the last batch lies: flat.</summary>
    public Tensor Gradient => _buffers[0];

    /// <summary>Computes the mean loss in nats over the targets of the rows, and leaves its gradient in <see cref="Gradient"/>.</summary>
    public double Compute(IReadOnlyList<TrainingRow> rows)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var buffer in _buffers)
        {
            buffer.zero_();
        }

        var targets = CountTargets(rows);
        var loss = Run(rows, (worker, row) => worker.AddGradient(row.Tokens, row.IsTarget, 1f / targets)) / targets;
        for (var index = 1; index < _buffers.Length; index++)
        {
            _buffers[0].add_(_buffers[index]);
        }

        return loss;
    }

    /// <summary>Summed loss in nats over the targets of the rows, without a gradient.</summary>
    public double Loss(IReadOnlyList<TrainingRow> rows) => Run(rows, (worker, row) => worker.Loss(row.Tokens, row.IsTarget));

    /// <summary>Number of targets that count.</summary>
    public static long CountTargets(IReadOnlyList<TrainingRow> rows) =>
        rows.Sum(row => row.IsTarget.Length == 0 ? row.Tokens.Length - 1 : row.IsTarget.LongCount(counts => counts));

    public void Dispose()
    {
        foreach (var worker in _workers)
        {
            worker.Dispose();
        }

        foreach (var buffer in _buffers)
        {
            buffer.Dispose();
        }
    }

    double Run(IReadOnlyList<TrainingRow> rows, Func<FusedTransformer, TrainingRow, double> compute)
    {
        Array.Clear(_losses);
        Parallel.For(0, _workers.Length, new ParallelOptions { MaxDegreeOfParallelism = _workers.Length }, worker =>
        {
            for (var row = worker; row < rows.Count; row += _workers.Length)
            {
                _losses[worker] += compute(_workers[worker], rows[row]);
            }
        });
        return _losses.Sum();
    }
}
