using System.Diagnostics;
using Noos.Language.Models;
using Noos.Training.Model.Fused;

namespace Noos.Training.Model;

/// <summary>What a training step must compute, and what this machine can: the two numbers behind model FLOPs utilisation (MFU).</summary>
public static class ComputeCost
{
    // About a millisecond: shorter than the time slice after which a busy system interrupts a thread.
    const int ProbeSize = 384;
    const int ProbeTrials = 400;

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
    /// What all cores do together in large single-precision matrix products, in operations a second: each core's best of many short
    /// products, while the others do the same. Short ones, because on a busy machine a long one is always interrupted; all cores at once,
    /// because one alone may run at a higher clock.
    /// </summary>
    public static double MeasurePeak()
    {
        var rates = new double[Environment.ProcessorCount];
        var threads = Array.ConvertAll(Enumerable.Range(0, rates.Length).ToArray(), core =>
            new Thread(() => rates[core] = MeasureOneCore()));
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return rates.Sum();
    }

    static unsafe double MeasureOneCore()
    {
        using var workspace = new Workspace();
        long length = (long)ProbeSize * ProbeSize;
        var a = workspace.Take(length);
        var b = workspace.Take(length);
        var c = workspace.Take(length);
        var best = double.MaxValue;
        for (var trial = 0; trial < ProbeTrials; trial++)
        {
            var start = Stopwatch.GetTimestamp();
            Blas.TimesTransposed(ProbeSize, ProbeSize, ProbeSize, 1, a, ProbeSize, b, ProbeSize, 0, c, ProbeSize);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return 2.0 * ProbeSize * length / best;
    }
}
