using Noos.Core;
using Noos.Training.Planning.Models;

namespace Noos.Training.Planning.Machines;

/// <summary>One way to lay a model on GPUs, with what it costs.</summary>
public sealed record LayoutChoice(ParallelLayout Layout, StepTime Step, MemoryEstimate Memory, int MicroBatches)
{
    /// <summary>Tokens per second and GPU that was asked for, idle ones included: what layouts are compared by.</summary>
    public required double Throughput { get; init; }
}

/// <summary>Tries every sensible layout; the fastest that fits comes first.</summary>
public static class LayoutSearch
{
    // Above this share of the memory the allocator of every framework fails some day.
    const double MaxMemoryShare = 0.95;

    static readonly int[] s_powers = [1, 2, 4, 8];

    /// <param name="gpus">Number of GPUs; a layout may leave some idle.</param>
    /// <param name="batch">Sequences of one update.</param>
    /// <param name="count">Number of layouts to give.</param>
    /// <exception cref="NoosException">None fits.</exception>
    public static IReadOnlyList<LayoutChoice> Find(ModelShape model, Accelerator gpu, int gpus, int batch, int count = 8)
    {
        var found = new List<LayoutChoice>();
        var smallest = double.PositiveInfinity;
        foreach (var layout in Candidates(model, gpu, gpus, batch))
        {
            var micro = StepTime.MicroBatches(layout, batch);
            var memory = MemoryEstimate.Of(model, gpu, layout, micro);
            smallest = Math.Min(smallest, memory.Total);
            if (memory.Total <= gpu.Memory * MaxMemoryShare)
            {
                var step = StepTime.Of(model, gpu, layout, batch);
                found.Add(new LayoutChoice(layout, step, memory, micro)
                {
                    Throughput = (double)batch * model.Sequence / step.Total / gpus,
                });
            }
        }

        if (found.Count == 0)
        {
            throw new NoosException(
                ErrorKind.Invalid,
                double.IsPositiveInfinity(smallest)
                    ? $"{gpus:N0} GPUs cannot share {batch:N0} sequences of '{model.Name}'; give more GPUs or a larger batch."
                    : $"'{model.Name}' needs {smallest / 1e9:N0} GB on each of {gpus:N0} GPUs and a {gpu.Name} has {gpu.Memory / 1e9:N0}; "
                    + "give more GPUs.");
        }

        // The same layout without need for more memory or another trick is the better one: a stable order makes reports comparable.
        return [.. found
            .OrderByDescending(choice => choice.Throughput)
            .ThenBy(choice => choice.Memory.Total)
            .DistinctBy(choice => (choice.Layout.Tensor, choice.Layout.Context, choice.Layout.Pipeline))
            .Take(count)];
    }

    static IEnumerable<ParallelLayout> Candidates(ModelShape model, Accelerator gpu, int gpus, int batch)
    {
        int[] contexts = model.Sequence > 32_768 ? [1, 2, 4, 8, 16, 32] : [1];
        foreach (var tensor in PowersOfTwo(gpu.PerNode).Where(tensor => model.Heads % tensor == 0))
        {
            foreach (var context in contexts)
            {
                foreach (var pipeline in Stages(model.Layers))
                {
                    var data = gpus / (tensor * context * pipeline);
                    if (data < 1)
                    {
                        continue;
                    }

                    // More replicas than sequences would have nothing to do.
                    data = Math.Min(data, batch);
                    foreach (var micro in s_powers.Where(micro => micro * data <= batch))
                    {
                        // Pieces interleave where there are micro-batches for all stages.
                        var pieces = batch / (data * micro) >= pipeline ? Interleaves(model.Layers, pipeline) : [1];
                        foreach (var interleave in pieces)
                        {
                            foreach (var recomputation in Enum.GetValues<Recomputation>())
                            {
                                var layout = new ParallelLayout
                                {
                                    Tensor = tensor,
                                    Context = context,
                                    Pipeline = pipeline,
                                    Interleave = interleave,
                                    Data = data,
                                    MicroBatch = micro,
                                    Recomputation = recomputation,
                                };
                                yield return layout;
                                yield return layout with { Zero = 2 };
                                if (pipeline == 1)
                                {
                                    yield return layout with { Zero = 3 };
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    static IEnumerable<int> PowersOfTwo(int max)
    {
        for (var value = 1; value <= max; value *= 2)
        {
            yield return value;
        }
    }

    // Stages of nearly equal length: a rest of layers makes some longer, which the balance of the step model forgives up to an eighth.
    static IEnumerable<int> Stages(int layers) =>
        Enumerable.Range(1, Math.Min(layers, 64)).Where(stages => (Math.Ceiling((double)layers / stages) * stages / layers) <= 1.125);

    static IEnumerable<int> Interleaves(int layers, int pipeline) =>
        pipeline == 1 ? [1] : s_powers.Where(pieces => pieces * pipeline <= layers + pipeline);
}
