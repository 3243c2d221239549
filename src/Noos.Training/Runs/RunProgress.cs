namespace Noos.Training.Runs;

/// <summary>How far a run is, after each update and with each note.</summary>
public sealed record RunProgress
{
    /// <summary>Updates done.</summary>
    public required long Step { get; init; }

    /// <summary>Updates of the whole run.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>When this was so.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Tokens trained on.</summary>
    public long Tokens { get; init; }

    /// <summary>Loss in nats, smoothed over the last updates.</summary>
    public double Loss { get; init; }

    /// <summary>Mean bits per byte of the last evaluation; null before the first.</summary>
    public double? BitsPerByte { get; init; }

    /// <summary>Speed, smoothed over the last updates.</summary>
    public double TokensPerSecond { get; init; }

    /// <summary>Model FLOPs utilisation, 0 to 1.</summary>
    public double Mfu { get; init; }

    /// <summary>Norm of the gradient before clipping.</summary>
    public double GradientNorm { get; init; }

    public double LearningRate { get; init; }

    /// <summary>At the pace since the run was started or resumed, evaluations and checkpoints included; null when not known yet.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>One sentence about an evaluation or something that happened, to be kept in sight; null for an ordinary update.</summary>
    public string? Note { get; init; }
}
