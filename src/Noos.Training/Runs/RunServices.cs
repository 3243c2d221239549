using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
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
    /// Measures the peak rate of this machine in operations per second, for the utilisation; null: <see cref="ComputeCost.MeasurePeak"/> at
    /// the precision of the plan.
    /// </summary>
    public Func<double>? MeasurePeak { get; init; }
}
