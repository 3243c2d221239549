using System.Diagnostics;
using Noos.Language.Models;
using Noos.Training.Torch;
using static TorchSharp.torch;

namespace Noos.Training.Model;

/// <summary>What a training step must compute, and what this machine can: the two numbers behind model FLOPs utilisation (MFU).</summary>
public static class ComputeCost
{
    const int ProbeSize = 2048;

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

    /// <summary>Best rate of a large single-precision matrix product with all threads, in operations a second.</summary>
    public static double MeasurePeak()
    {
        TorchRuntime.Initialize();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var a = rand(ProbeSize, ProbeSize);
        var b = rand(ProbeSize, ProbeSize);
        var best = double.MaxValue;
        for (var trial = 0; trial < 8; trial++)
        {
            var start = Stopwatch.GetTimestamp();
            mm(a, b).Dispose();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return 2.0 * ProbeSize * ProbeSize * ProbeSize / best;
    }
}
