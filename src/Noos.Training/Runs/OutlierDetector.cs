namespace Noos.Training.Runs;

/// <summary>The detector's memory; as JSON it comes back bit for bit.</summary>
/// <param name="Losses">Accepted losses, oldest first.</param>
/// <param name="GradientNorms">Their gradient norms.</param>
/// <param name="SkippedInARow">Outliers directly before now.</param>
public sealed record OutlierDetectorState(IReadOnlyList<double> Losses, IReadOnlyList<double> GradientNorms, int SkippedInARow);

/// <summary>
/// Finds updates that would harm the model: the z-score of the loss or the gradient norm over the last accepted updates, the idea of
/// llm.c's outlier detector. Only rises count, since a loss that falls fast is no harm. Outliers do not enter the window, so that they
/// cannot make the next one look normal.
/// </summary>
/// <param name="window">
/// Number of accepted updates to compare with. Nothing but NaN and infinity is an outlier before they are there.
/// </param>
/// <param name="threshold">Standard deviations above the mean from which an update is an outlier.</param>
/// <param name="patience">Number of outliers in a row that calls for a roll-back.</param>
public sealed class OutlierDetector(int window = 128, double threshold = 6, int patience = 3)
{
    readonly Queue<double> _losses = new();
    readonly Queue<double> _gradientNorms = new();
    int _skippedInARow;

    public OutlierDetectorState State => new([.. _losses], [.. _gradientNorms], _skippedInARow);

    /// <summary>Judges an update before it is applied and, when normal, takes it into the window.</summary>
    public OutlierVerdict Judge(double loss, double gradientNorm)
    {
        if (!double.IsFinite(loss) || !double.IsFinite(gradientNorm))
        {
            return OutlierVerdict.RollBack;
        }

        if (_losses.Count >= window && (ZScore(_losses, loss) > threshold || ZScore(_gradientNorms, gradientNorm) > threshold))
        {
            _skippedInARow++;
            return _skippedInARow >= patience ? OutlierVerdict.RollBack : OutlierVerdict.Skip;
        }

        _skippedInARow = 0;
        Push(_losses, loss);
        Push(_gradientNorms, gradientNorm);
        return OutlierVerdict.Normal;
    }

    /// <summary>Takes up a stored state; null or a state without values begins anew.</summary>
    public void Restore(OutlierDetectorState? state)
    {
        _losses.Clear();
        _gradientNorms.Clear();
        _skippedInARow = state?.SkippedInARow ?? 0;
        foreach (var (loss, norm) in (state?.Losses ?? []).Zip(state?.GradientNorms ?? []))
        {
            Push(_losses, loss);
            Push(_gradientNorms, norm);
        }
    }

    /// <summary>Computed from the window each time: 128 values cost nothing, and running sums would drift and break exact resume.</summary>
    static double ZScore(Queue<double> values, double value)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));

        // A floor for windows of nearly equal values, where any noise would be many deviations away.
        return (value - mean) / Math.Max(deviation, 1e-3 * Math.Abs(mean) + double.Epsilon);
    }

    void Push(Queue<double> values, double value)
    {
        values.Enqueue(value);
        if (values.Count > window)
        {
            values.Dequeue();
        }
    }
}
