using static TorchSharp.torch;

namespace Noos.Training.Optimizers;

/// <summary>Changes parameters by their gradient. Its state is part of every checkpoint.</summary>
public interface IOptimizer : IDisposable
{
    /// <summary>One update. <paramref name="schedule"/> scales the peak learning rates, 0 to 1.</summary>
    void Step(double schedule);

    /// <summary>Number of updates so far; set when a checkpoint is loaded.</summary>
    long StepCount { get; set; }

    /// <summary>Flat state tensors by name (moments); a checkpoint stores and restores their bytes.</summary>
    IReadOnlyDictionary<string, Tensor> State { get; }
}
