using Noos.Training.Planning.Models;

namespace Noos.Training.Planning.Machines;

/// <summary>
/// Time of one update in seconds, by what takes it, from the data sheet of a GPU and two efficiencies: an analytic model in the manner of
/// Narayanan et al., 2021 (arXiv 2104.04473) and Korthikanti et al., 2022 (arXiv 2205.05198). Without failures and stragglers: those are
/// the simulator's.
/// </summary>
/// <param name="Products">Matrix products, recomputed ones included.</param>
/// <param name="Attention">Scores and their sums.</param>
/// <param name="Memory">Norms, activations, residuals: bound by memory.</param>
/// <param name="TensorLinks">Collectives of tensor, context and expert parallelism.</param>
/// <param name="Bubble">Stages that wait for their first and after their last micro-batch.</param>
/// <param name="PipelineLinks">Activations sent to the next stage.</param>
/// <param name="DataLinks">Gradients and weights among replicas, as far as no computation hides them.</param>
/// <param name="Optimizer">The update itself.</param>
public sealed record StepTime(
    double Products, double Attention, double Memory, double TensorLinks, double Bubble, double PipelineLinks, double DataLinks,
    double Optimizer)
{
    // What a collective among replicas leaves uncovered although computation goes on beside it: its first and last pieces.
    const double MinExposed = 0.1;

    public double Total => Products + Attention + Memory + TensorLinks + Bubble + PipelineLinks + DataLinks + Optimizer;

    /// <summary>Micro-batches of one replica in a step of so many sequences.</summary>
    public static int MicroBatches(ParallelLayout layout, int batch) =>
        (int)Math.Ceiling((double)batch / ((double)layout.Data * layout.MicroBatch));

    /// <param name="batch">Sequences of one update.</param>
    public static StepTime Of(ModelShape model, Accelerator gpu, ParallelLayout layout, int batch)
    {
        var tokens = (double)layout.MicroBatch * model.Sequence / layout.Context;
        var micro = MicroBatches(layout, batch);
        var recomputes = layout.Recomputation == Recomputation.Full;
        double passes = recomputes ? 4 : 3;

        // Per micro-batch and stage, with embeddings and head spread evenly: runs of this size are balanced so.
        var layers = (double)model.Layers / layout.Pipeline;
        var rate = gpu.PeakFlops * gpu.ProductEfficiency * layout.Tensor;
        var products = 2 * tokens * ((layers * model.ActiveLayerParameters * passes) + (model.HeadParameters / layout.Pipeline * 3)) / rate;

        // FlashAttention leaves out what causality forbids, and computes scores again in its backward pass; before it nobody left it out.
        var attentionPasses = gpu.WritesScores ? passes : passes + 0.5;
        var attention = (gpu.WritesScores ? 4.0 : 2.0) * tokens * layers * model.Hidden * model.Sequence * attentionPasses
            / (gpu.PeakFlops * gpu.AttentionEfficiency * layout.Tensor);

        // Each byte that is kept is written and read in the forward pass, twice as much moves in the backward pass.
        var memory = 2 * MemoryEstimate.ActivationBytes(model, gpu, layout) * tokens * layers * passes
            / (gpu.MemoryBandwidth * gpu.MemoryEfficiency);
        var links = layers * LayerLinks(model, gpu, layout, tokens, recomputes);

        // 1F1B waits for what comes from the neighbour; interleaved pieces have other work meanwhile.
        var network = gpu.NetworkBandwidth * gpu.LinkEfficiency;
        var send = layout.Pipeline > 1 && layout.Interleave == 1
            ? 2 * 2 * tokens * model.Hidden / (layout.SequenceParallel ? layout.Tensor : 1) / network
            : 0;
        var stage = products + attention + memory + links;
        var bubble = (layout.Pipeline - 1.0) / layout.Interleave * (stage + send);
        var (data, optimizer) = Update(model, gpu, layout, stage * micro, stage * 2 / 3);
        return new StepTime(
            products * micro, attention * micro, memory * micro, links * micro, bubble, send * micro, data, optimizer);
    }

    /// <summary>Collectives of one layer for one micro-batch, in seconds.</summary>
    static double LayerLinks(ModelShape model, Accelerator gpu, ParallelLayout layout, double tokens, bool recomputes)
    {
        var bytes = 2 * tokens * model.Hidden;
        double seconds = 0;
        if (layout.Tensor > 1)
        {
            // An all-reduce (or a gather and a scatter, which carry as much) after attention and feed-forward in each pass; divided
            // sequences are gathered once more for the gradient of the weights.
            var times = 4 + (recomputes ? 2 : 0) + (layout.SequenceParallel ? 1 : 0);
            var width = layout.Tensor <= gpu.PerNode ? gpu.NodeBandwidth : gpu.NetworkBandwidth;
            seconds += times * 2.0 * (layout.Tensor - 1) / layout.Tensor * bytes / (width * gpu.LinkEfficiency);
        }

        var network = gpu.NetworkBandwidth * gpu.LinkEfficiency;
        if (layout.Context > 1)
        {
            // Keys and values of the whole sequence are gathered in each pass (Llama 3, section 3.3.2).
            seconds += (recomputes ? 4 : 3) * 2 * bytes * model.KeyValueShare * (layout.Context - 1) / layout.Tensor / network;
        }

        if (model.Experts > 1)
        {
            // To the experts and back, in each pass.
            seconds += (recomputes ? 6 : 4) * bytes * model.ActiveExperts / layout.Tensor / network;
        }

        return seconds;
    }

    /// <summary>What follows the last backward pass, in seconds.</summary>
    /// <param name="compute">All computation of the step.</param>
    /// <param name="backward">The last backward pass of a stage.</param>
    static (double Data, double Optimizer) Update(
        ModelShape model, Accelerator gpu, ParallelLayout layout, double compute, double backward)
    {
        var spread = Math.Min(model.Experts, Math.Max(1, layout.Data));
        var local = ((model.Layers * (model.AttentionParameters + (model.Experts * model.ExpertParameters / spread)))
            + model.HeadParameters) / (layout.Tensor * layout.Pipeline);
        var replicas = Math.Max(1.0, (double)layout.Data / spread);
        var optimizer = local / (layout.Zero >= 1 ? replicas : 1) * 28 / (gpu.MemoryBandwidth * gpu.MemoryEfficiency);
        if (layout.Data == 1)
        {
            return (0, optimizer);
        }

        // Gradients of 4 bytes scattered, weights of 2 gathered; with divided weights these are gathered for each pass, and gradients of 2
        // bytes scattered.
        var bytes = layout.Zero >= 3 ? local * (2 + 2 + 2) : local * (4 + 2);
        var seconds = bytes * (layout.Data - 1) / layout.Data / (gpu.NetworkBandwidth * gpu.LinkEfficiency);
        var covered = layout.Zero >= 3 ? compute : backward;
        return (Math.Max(MinExposed * seconds, seconds - covered), optimizer);
    }
}
