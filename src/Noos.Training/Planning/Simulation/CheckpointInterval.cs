namespace Noos.Training.Planning.Simulation;

/// <summary>How often to take checkpoints, by the two formulas of the field. All times in the same unit.</summary>
public static class CheckpointInterval
{
    /// <summary>Work between two checkpoints: √(2δM) (Young, 1974).</summary>
    /// <param name="cost">δ: how long a checkpoint stops the run.</param>
    /// <param name="meanTimeBetweenFailures">M, of the whole run.</param>
    public static double Young(double cost, double meanTimeBetweenFailures) => Math.Sqrt(2 * cost * meanTimeBetweenFailures);

    /// <summary>
    /// The higher-order estimate (Daly, 2006): √(2δM) · (1 + ⅓·√(δ/2M) + ⅑·δ/2M) − δ below δ = 2M, and M beyond it.
    /// </summary>
    /// <inheritdoc cref="Young"/>
    public static double Daly(double cost, double meanTimeBetweenFailures)
    {
        if (cost >= 2 * meanTimeBetweenFailures)
        {
            return meanTimeBetweenFailures;
        }

        var ratio = cost / (2 * meanTimeBetweenFailures);
        return (Young(cost, meanTimeBetweenFailures) * (1 + (Math.Sqrt(ratio) / 3) + (ratio / 9))) - cost;
    }

    /// <summary>
    /// Expected share of the time that goes to checkpoints and to work done twice, to first order: δ/τ + (τ/2 + w)/M.
    /// </summary>
    /// <param name="write">w: how long a checkpoint is on its way; a failure meanwhile falls back to the one before.</param>
    public static double Waste(double interval, double cost, double write, double meanTimeBetweenFailures) =>
        (cost / interval) + (((interval / 2) + write) / meanTimeBetweenFailures);
}
