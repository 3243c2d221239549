using Noos.Core;

namespace Noos.Training.Distributed;

/// <summary>How a training waits for its workers, and when it gives one up. None of it changes what is computed.</summary>
public sealed record DistributedOptions
{
    /// <summary>Where workers are awaited: an address of this machine and a port, 0 for a free one.</summary>
    public string Listen { get; init; } = "127.0.0.1:0";

    /// <summary>Workers that <see cref="Launcher"/> keeps alive; others may join at any time.</summary>
    public int Workers { get; init; }

    /// <summary>Starts workers on this machine; null where all come by themselves.</summary>
    public IWorkerLauncher? Launcher { get; init; }

    /// <summary>File of the secret that workers must know; made if absent, readable by its owner only.</summary>
    public required string KeyFile { get; init; }

    /// <summary>
    /// Every so many updates one shard is computed by two workers, and their gradients must be equal; 1: all shards at every update, for
    /// twice the computation; 0: only before checkpoints.
    /// </summary>
    public int VerifyEvery { get; init; } = 16;

    /// <summary>Every shard is computed twice in the update before a checkpoint, so that none is written after a wrong one.</summary>
    public bool VerifyBeforeCheckpoints { get; init; } = true;

    /// <summary>A worker that was not heard of for so long is given up: it stands still, or its machine or cable does.</summary>
    public TimeSpan HangTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A worker that is heard of, but has not answered to an order for so long, is given up as well.</summary>
    public TimeSpan OrderTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// A worker that needs so many times as long for its shards as others do is slow: others compute them too, and the first answer counts.
    /// </summary>
    public double SlowFactor { get; init; } = 4;

    /// <summary>But nobody is slow before so long.</summary>
    public TimeSpan MinSlowTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Slow so many times in a row: given up.</summary>
    public int MaxSlowSteps { get; init; } = 3;

    /// <summary>How long an update may be without any worker before the training stops; its state is in the last checkpoint.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Workers on this machine that may fail one after the other without an update between them.</summary>
    public int MaxFailuresInARow { get; init; } = 20;

    /// <exception cref="NoosException">A number makes no sense.</exception>
    public DistributedOptions Validate()
    {
        Require(Workers is >= 0 and <= 4096, $"A training has 0 to 4,096 workers of its own, not {Workers}.");
        Require(Workers == 0 || Launcher is not null, "Workers of its own need something that starts them.");
        Require(VerifyEvery >= 0, $"Gradients are verified every 0 or more updates, not {VerifyEvery}.");
        Require(
            HangTimeout > TimeSpan.Zero && OrderTimeout > TimeSpan.Zero && MinSlowTime >= TimeSpan.Zero && JoinTimeout > TimeSpan.Zero
                && SlowFactor >= 1
                && MaxSlowSteps >= 1 && MaxFailuresInARow >= 1,
            "Timeouts must be positive, and a slow worker at least as slow as the others.");
        return this;

        static void Require(bool condition, string message)
        {
            if (!condition)
            {
                throw new NoosException(ErrorKind.Invalid, message);
            }
        }
    }
}
