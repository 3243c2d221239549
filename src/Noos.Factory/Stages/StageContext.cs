using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Factory.Recipes;

namespace Noos.Factory.Stages;

/// <summary>What a stage works with. Nothing but the recipe changes what it makes.</summary>
/// <param name="Recipe">What to make.</param>
public sealed record StageContext(Recipe Recipe)
{
    /// <summary>Told on the threads that work, several at times; must return quickly.</summary>
    public IProgress<StageProgress>? Progress { get; init; }

    public ILogger Logger { get; init; } = NullLogger.Instance;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
