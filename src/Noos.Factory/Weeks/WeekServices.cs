using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core.Tools;
using Noos.Courses;
using Noos.Cpus.Library;
using Noos.Factory.Stages;
using Noos.Kernel.Cpu;

namespace Noos.Factory.Weeks;

/// <summary>What a week takes from outside.</summary>
/// <param name="Courses">All courses; the examinations of all of them are kept out of what is learned.</param>
/// <param name="Champions">Where champions are kept.</param>
/// <param name="ResolveModel">The file of a model that the recipe names.</param>
/// <param name="Open">Opens a model file for the examinations.</param>
/// <param name="Tools">Makes the tools of the assistant that sits them.</param>
public sealed record WeekServices(
    IReadOnlyList<ICourse> Courses, ChampionStore Champions, Func<string, string> ResolveModel, Func<string, ICpu> Open,
    Func<IReadOnlyList<ITool>> Tools)
{
    /// <summary>The folder with the journal; null for none.</summary>
    public string? Home { get; init; }

    /// <summary>Text that no lesson contains, which champion and candidate read for the gate; null for none.</summary>
    public Func<CancellationToken, IAsyncEnumerable<string>>? Texts { get; init; }

    /// <summary>Told on the threads that work.</summary>
    public IProgress<StageProgress>? Progress { get; init; }

    public ILogger Logger { get; init; } = NullLogger.Instance;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Measures the peak rate of the machine, for the reports of trainings; null: by a product of matrices.</summary>
    public Func<double>? MeasurePeak { get; init; }
}
