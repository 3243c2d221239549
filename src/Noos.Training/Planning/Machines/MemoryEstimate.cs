using Noos.Training.Planning.Models;

namespace Noos.Training.Planning.Machines;

/// <summary>Memory of the fullest GPU in bytes, by what takes it.</summary>
public sealed record MemoryEstimate(double Weights, double Gradients, double Optimizer, double Activations, double Reserve)
{
    // Contexts of the driver, buffers of the collectives, what the allocator cannot use.
    const double ReserveBytes = 4e9;

    public double Total => Weights + Gradients + Optimizer + Activations + Reserve;

    /// <summary>
    /// Mixed precision as usual: 2 bytes a weight, 4 a gradient, 12 in the optimizer (master weight and two moments); activations after
    /// Korthikanti et al., 2022 (arXiv 2205.05198), for a model without dropout.
    /// </summary>
    /// <param name="microBatches">Micro-batches of one replica in a step.</param>
    public static MemoryEstimate Of(ModelShape model, Accelerator gpu, ParallelLayout layout, int microBatches)
    {
        // Experts are spread over the replicas of a server, as far as there are any.
        var spread = Math.Min(model.Experts, Math.Max(1, layout.Data));
        var local = ((model.Layers * (model.AttentionParameters + (model.Experts * model.ExpertParameters / spread)))
            + (model.HeadParameters * (model.TiedEmbeddings ? 1 : 2))) / (layout.Tensor * layout.Pipeline);
        double shards = Math.Max(1, layout.Data / spread);
        var tokens = (double)layout.MicroBatch * model.Sequence / layout.Context;
        var layers = (double)model.Layers / layout.Pipeline;

        // The first stage holds a micro-batch for every stage behind it before its first backward pass, more when pieces interleave.
        var flying = Math.Min(
            microBatches, layout.Interleave == 1 ? layout.Pipeline : layout.Pipeline + ((layout.Pipeline - 1.0) / layout.Interleave));
        var layer = ActivationBytes(model, gpu, layout) * tokens;
        var input = 2.0 * model.Hidden * tokens / (layout.SequenceParallel ? layout.Tensor : 1);
        var activations = layout.Recomputation == Recomputation.Full
            ? (flying * layers * input) + layer
            : flying * layers * layer;

        // Logits in single precision, and their gradient in half.
        activations += 6.0 * model.Vocabulary * Math.Min(tokens, 8192) / layout.Tensor / Math.Max(1, layout.Pipeline / 2);
        return new MemoryEstimate(
            2 * local / (layout.Zero >= 3 ? shards : 1),
            4 * local / (layout.Zero >= 2 ? shards : 1),
            12 * local / (layout.Zero >= 1 ? shards : 1),
            activations,
            ReserveBytes);
    }

    /// <summary>What one token leaves behind in one layer for the backward pass, in bytes on each GPU.</summary>
    internal static double ActivationBytes(ModelShape model, Accelerator gpu, ParallelLayout layout)
    {
        // Two residuals and two norm outputs lie on every tensor-parallel GPU unless sequences are divided as well.
        var whole = 8.0 * model.Hidden;
        var divided = (4.0 * model.Hidden * (1 + model.KeyValueShare)) + (4.0 * model.FeedForward * model.ActiveExperts);
        if (gpu.WritesScores)
        {
            divided += 5.0 * model.Heads * model.Sequence;
        }

        return (layout.SequenceParallel ? whole / layout.Tensor : whole) + (divided / layout.Tensor);
    }
}
