using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Training.Gradients;
using Noos.Training.Model;

namespace Noos.Training.Runs;

/// <summary>What a run takes from outside besides its plan and data. None of it changes what is computed.</summary>
public sealed record RunServices
{
    /// <summary>Keeps a record of the run.</summary>
    public IRunObserver? Observer { get; init; }

    /// <summary>Shows a person how far the run is.</summary>
    public IProgress<RunProgress>? Progress { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>
    /// Makes what computes gradients instead of the threads of this process, from the plan, the weights and something to tell notes for the
    /// record; null for <see cref="GradientTeam"/>.
    /// </summary>
    public Func<TrainingPlan, Parameters, Action<string>, IGradientSource>? Gradients { get; init; }

    /// <summary>
    /// Checkpoints are written beside the training, from a copy in memory, instead of stopping it.
    /// </summary>
    public bool WritesBesideTraining { get; init; }

    /// <summary>Files that the state of the optimizer is divided into, written at the same time.</summary>
    public int CheckpointShards { get; init; } = 1;

    /// <summary>
    /// Measures the peak rate of this machine in operations per second, for the utilisation; null: <see cref="ComputeCost.MeasurePeak"/> at
    /// the precision of the plan.
    /// </summary>
    public Func<double>? MeasurePeak { get; init; }
}
