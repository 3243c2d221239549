using System.Runtime.ExceptionServices;
using Noos.Training.Gradients;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Model.Fused;
using Noos.Training.Objectives;
using Noos.Training.Torch;
using static TorchSharp.torch;

namespace Noos.Training.Distributed;

/// <summary>
/// Computes single shards of a batch exactly as worker number so-and-so of a <see cref="GradientTeam"/> does: what makes a training the
/// same bits on one process and on many.
/// </summary>
sealed class ShardComputer : IDisposable
{
    readonly Tensor[] _buffers;
    readonly GradientWorker[] _workers;
    readonly PackedWeights? _packed;
    readonly long _decayLength;

    /// <param name="parameters">Read at each computation.</param>
    /// <param name="threads">Shards computed at a time, each with a gradient buffer of its own.</param>
    public ShardComputer(Parameters parameters, int threads, int maxRows, ProductOptions products)
    {
        _packed = products.FindKernel() is { } kernel ? new PackedWeights(parameters, kernel) : null;
        _buffers = [.. Enumerable.Range(0, threads).Select(_ => zeros(parameters.Layout.Length).DetachFromDisposeScope())];
        _workers = [.. _buffers.Select(buffer => new GradientWorker(parameters, buffer, maxRows, _packed))];
        _decayLength = parameters.Layout.DecayLength;
    }

    /// <summary>Computes shards with the weights as they are now.</summary>
    /// <param name="samples">The whole batch.</param>
    /// <param name="shardCount">S: all shards of the batch.</param>
    /// <param name="done">
    /// Shard, loss and [layout length] gradient, which is valid until it returns; called on several threads at a time.
    /// </param>
    public void Compute(
        IObjective objective, TrainingRow[][] samples, float scale, IReadOnlyList<int> shards, int shardCount,
        Action<int, double, nint> done)
    {
        _packed?.Update(_workers.Length);
        var next = -1;
        try
        {
            Parallel.For(0, _workers.Length, new ParallelOptions { MaxDegreeOfParallelism = _workers.Length }, thread =>
            {
                // Whoever is free takes the next shard: what it becomes depends on nobody.
                for (int index; (index = Interlocked.Increment(ref next)) < shards.Count;)
                {
                    var loss = Compute(thread, objective, samples, scale, shards[index], shardCount);
                    done(shards[index], loss, PointerOf(_buffers[thread]));
                }
            });
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }

    public void Dispose()
    {
        Array.ForEach(_workers, worker => worker.Dispose());
        Array.ForEach(_buffers, buffer => buffer.Dispose());
        _packed?.Dispose();
    }

    static unsafe nint PointerOf(Tensor buffer) => (nint)buffer.FloatPointer();

    double Compute(int thread, IObjective objective, TrainingRow[][] samples, float scale, int shard, int shardCount)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();

        // A shard's first sample writes the matrices of the blocks; only the rest is added to, and needs zeros (as in GradientTeam).
        var written = shard < samples.Length ? _decayLength : 0;
        using (var rest = _buffers[thread].narrow(0, written, _buffers[thread].numel() - written))
        {
            rest.zero_();
        }

        double loss = 0;
        for (var sample = shard; sample < samples.Length; sample += shardCount)
        {
            loss += _workers[thread].AddGradient(objective, samples[sample], scale, overwrite: sample == shard);
        }

        return loss;
    }
}
