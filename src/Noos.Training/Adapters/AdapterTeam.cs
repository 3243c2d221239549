using System.Runtime.ExceptionServices;
using Noos.Training.Gradients;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Model.Fused;

namespace Noos.Training.Adapters;

/// <summary>
/// Several <see cref="AdaptedDecoder"/>s that share the rows of an update. Who gets a row depends on the rows' lengths alone, and the
/// workers' gradients are summed in a fixed order: equal batches give bit-equal gradients.
/// </summary>
/// <remarks>One caller at a time; a call blocks until all workers are done. An exception of a worker is thrown to the caller.</remarks>
sealed unsafe class AdapterTeam : IDisposable
{
    readonly Workspace _workspace = new();
    readonly AdaptedDecoder[] _decoders;
    readonly nint[] _gradients;
    readonly double[] _losses;
    readonly long _length;
    readonly int _maxRows;

    /// <param name="workers">Each has a gradient and activations of its own.</param>
    public AdapterTeam(
        FrozenDecoder model, LoraParameters parameters, TileKernel kernel, AdaptedDecoderOptions options, int workers)
    {
        (_length, _maxRows) = (parameters.Length, options.MaxRows);
        _gradients = new nint[workers];
        _decoders = new AdaptedDecoder[workers];
        _losses = new double[workers];
        for (var worker = 0; worker < workers; worker++)
        {
            _gradients[worker] = (nint)_workspace.Take(parameters.Length);
            _decoders[worker] = new AdaptedDecoder(model, parameters.Values, (float*)_gradients[worker], kernel, options);
        }
    }

    /// <summary>The gradient of the last batch, laid out as the parameters.</summary>
    public float* Gradient => (float*)_gradients[0];

    /// <summary>Its length.</summary>
    public double Norm { get; private set; }

    /// <summary>The mean loss per unit of weight, and its gradient.</summary>
    public double Compute(IReadOnlyList<AdapterRow> rows)
    {
        var weight = Weight(rows);
        foreach (var gradient in _gradients)
        {
            // A span counts in 32 bits; the pairs of a large model may be more.
            for (long start = 0; start < _length; start += 1 << 30)
            {
                new Span<float>((float*)gradient + start, (int)Math.Min(1 << 30, _length - start)).Clear();
            }
        }

        var scale = (float)(1 / weight);
        var loss = Run(rows, (decoder, part) => decoder.AddGradient(part, scale)) / weight;
        Norm = Math.Sqrt(GradientSum.Reduce(_gradients, _length, _gradients.Length));
        return loss;
    }

    /// <summary>The mean loss per unit of weight, without dropout and gradient.</summary>
    public double Loss(IReadOnlyList<AdapterRow> rows) => Run(rows, (decoder, part) => decoder.Loss(part)) / Weight(rows);

    public void Dispose()
    {
        Array.ForEach(_decoders, decoder => decoder?.Dispose());
        _workspace.Dispose();
    }

    static double Weight(IReadOnlyList<AdapterRow> rows) => rows.Sum(one => Weight(one.Row));

    static double Weight(TrainingRow row)
    {
        if (row.Weights.Length == 0)
        {
            return row.TargetCount;
        }

        double sum = 0;
        for (var position = 0; position < row.Length; position++)
        {
            sum += row.Counts(position) ? row.Weights[position] : 0;
        }

        return sum;
    }

    double Run(IReadOnlyList<AdapterRow> rows, Func<AdaptedDecoder, AdapterRow[], double> compute)
    {
        Array.Clear(_losses);
        var passes = Share(rows);
        try
        {
            Parallel.For(0, _decoders.Length, new ParallelOptions { MaxDegreeOfParallelism = _decoders.Length }, worker =>
            {
                foreach (var pass in passes[worker])
                {
                    _losses[worker] += compute(_decoders[worker], pass);
                }
            });
        }
        catch (AggregateException exception)
        {
            // One clear sentence for the user, not a bundle of them.
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }

        return _losses.Sum();
    }

    /// <summary>The longest rows first, each to who has the fewest tokens; then in passes of as many as fit.</summary>
    List<AdapterRow[]>[] Share(IReadOnlyList<AdapterRow> rows)
    {
        var loads = new long[_decoders.Length];
        var shares = Array.ConvertAll(loads, _ => new List<AdapterRow>());
        foreach (var row in rows.OrderByDescending(one => one.Row.Length).ThenBy(one => one.Number))
        {
            var worker = Array.IndexOf(loads, loads.Min());
            loads[worker] += row.Row.Length;
            shares[worker].Add(row);
        }

        return Array.ConvertAll(shares, share =>
        {
            var passes = new List<AdapterRow[]>();
            var pass = new List<AdapterRow>();
            foreach (var row in share)
            {
                if (pass.Sum(one => one.Row.Length) + row.Row.Length > _maxRows)
                {
                    passes.Add([.. pass]);
                    pass.Clear();
                }

                pass.Add(row);
            }

            if (pass.Count > 0)
            {
                passes.Add([.. pass]);
            }

            return passes;
        });
    }
}
