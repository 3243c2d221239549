using Noos.Language.Models;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Model.Fused;
using Noos.Training.Objectives;
using static TorchSharp.torch;

namespace Noos.Training.Gradients;

/// <summary>
/// Reads rows without a gradient: what a policy thinks of each token, what a reward model or a critic says of each position. Row r goes to
/// worker r mod workers, and nothing depends on timing. One caller at a time; a call blocks.
/// </summary>
public sealed class RowScorer : IDisposable
{
    readonly GradientWorker[] _workers;
    readonly PackedWeights? _packed;

    // Never written, so the system never gives it memory.
    readonly Tensor _gradients;

    /// <param name="parameters">The weights, read at each call; read only.</param>
    /// <param name="workers">Number of threads.</param>
    /// <param name="products">What multiplies.</param>
    public RowScorer(Parameters parameters, int workers, ProductOptions? products = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        _gradients = zeros(parameters.Layout.Length).DetachFromDisposeScope();
        _packed = (products ?? new ProductOptions()).FindKernel() is { } kernel ? new PackedWeights(parameters, kernel) : null;
        _workers = [.. Enumerable.Range(0, workers).Select(_ => new GradientWorker(parameters, _gradients, 1, _packed))];
    }

    /// <summary>The log-probability of each counted target, [length] for each row; 0 where it does not count.</summary>
    public float[][] LogProbabilities(IReadOnlyList<TrainingRow> rows) => Read(rows, row => new LogProbabilityReader(row.Length));

    /// <summary>The entropy in nats of what the model expects at each counted position, [length] for each row.</summary>
    public float[][] Entropies(IReadOnlyList<TrainingRow> rows) => Read(rows, row => new EntropyReader(row.Length));

    /// <summary>The <see cref="ValueHead"/> at each counted position, [length] for each row; 0 where it does not count.</summary>
    public float[][] Values(IReadOnlyList<TrainingRow> rows) => Read(rows, row => new ValueReader(row.Length));

    public void Dispose()
    {
        Array.ForEach(_workers, worker => worker.Dispose());
        _packed?.Dispose();
        _gradients.Dispose();
    }

    float[][] Read(IReadOnlyList<TrainingRow> rows, Func<TrainingRow, Reader> create)
    {
        ArgumentNullException.ThrowIfNull(rows);
        _packed?.Update(_workers.Length);
        var results = new float[rows.Count][];
        Parallel.For(0, _workers.Length, new ParallelOptions { MaxDegreeOfParallelism = _workers.Length }, worker =>
        {
            for (var row = worker; row < rows.Count; row += _workers.Length)
            {
                var reader = create(rows[row]);
                _workers[worker].Loss(reader, [rows[row]]);
                results[row] = reader.Result;
            }
        });
        return results;
    }

    /// <summary>An objective of one row that keeps what it sees; its loss means nothing.</summary>
    abstract class Reader(int length) : IObjective
    {
        public float[] Result { get; } = new float[length];

        public string Name => "reader";

        public int RowsPerSample => 1;

        public IReadOnlyList<HeadParameter> HeadParameters(TransformerConfig config) => [];

        public double Weight(ReadOnlySpan<TrainingRow> sample) => 1;

        public abstract double Compute(ReadOnlySpan<TrainingRow> sample, ReadOnlySpan<RowOutput> outputs, float scale);
    }

    sealed class LogProbabilityReader(int length) : Reader(length)
    {
        public override double Compute(ReadOnlySpan<TrainingRow> sample, ReadOnlySpan<RowOutput> outputs, float scale) =>
            outputs[0].SumOverTargets(sample[0].IsTarget, Keep, gradient: false);

        double Keep(ref TokenLogits logits) => Result[logits.Position] = (float)-logits.TakeLoss();
    }

    sealed class EntropyReader(int length) : Reader(length)
    {
        public override double Compute(ReadOnlySpan<TrainingRow> sample, ReadOnlySpan<RowOutput> outputs, float scale) =>
            outputs[0].SumOverTargets(sample[0].IsTarget, Keep, gradient: false);

        double Keep(ref TokenLogits logits)
        {
            // Afterwards the values are e = exp(logit − max), so that H = log Σe − Σ(e · log e) / Σe.
            logits.TakeLoss();
            double total = 0;
            double weighted = 0;
            foreach (var e in logits.Values)
            {
                total += e;
                weighted += e > 0 ? e * Math.Log(e) : 0;
            }

            return Result[logits.Position] = (float)(Math.Log(total) - (weighted / total));
        }
    }

    sealed class ValueReader(int length) : Reader(length)
    {
        public override double Compute(ReadOnlySpan<TrainingRow> sample, ReadOnlySpan<RowOutput> outputs, float scale)
        {
            for (var position = 0; position < sample[0].Length; position++)
            {
                Result[position] = sample[0].Counts(position) ? (float)ValueHead.Evaluate(outputs[0], position) : 0;
            }

            return 0;
        }
    }
}
