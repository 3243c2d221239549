using Noos.Language.Models;
using Noos.Training.Kernels;

namespace Noos.Training.Model;

/// <summary>What a training step must compute, and what this machine can: the two numbers behind model FLOPs utilisation (MFU).</summary>
public static class ComputeCost
{
    /// <summary>
    /// Floating-point operations of forward and backward pass for one token: 6 for each value in a matrix (Kaplan et al., 2020) and the
    /// attention products that causality leaves, 6 · blocks · query length · context. No recomputation is counted.
    /// </summary>
    public static double FlopsPerToken(TransformerConfig config)
    {
        var layout = new ParameterLayout(config);
        double inMatrices = layout.Slots.Where(slot => slot.IsMatrix).Sum(slot => slot.Length);
        return (6 * inMatrices) + (6.0 * config.BlockCount * config.QueryLength * config.ContextLength);
    }

    /// <summary>
    /// What all cores do together in multiply-adds of the widest instruction for a precision, in operations per second: each core's best of
    /// many short loops, while the others do the same. Short ones, because on a busy machine a long one is always interrupted; all cores at
    /// once, because one alone may run at a higher clock.
    /// </summary>
    public static double MeasurePeak(Precision precision = Precision.Fp32)
    {
        var rates = new double[Environment.ProcessorCount];
        var threads = Array.ConvertAll(Enumerable.Range(0, rates.Length).ToArray(), core =>
            new Thread(() => rates[core] = MultiplyAddPeak.Measure(precision)));
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return rates.Sum();
    }
}
