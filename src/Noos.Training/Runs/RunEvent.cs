namespace Noos.Training.Runs;

/// <summary>Something that happened to a run.</summary>
/// <param name="Step">Update at which it happened.</param>
/// <param name="Kind">One of the constants here, or another short word.</param>
/// <param name="Message">One sentence.</param>
public sealed record RunEvent(long Step, string Kind, string Message)
{
    /// <summary>An update was left out as an outlier.</summary>
    public const string Skip = "skip";

    /// <summary>The run returned to an earlier checkpoint.</summary>
    public const string RollBack = "roll-back";

    /// <summary>The run went on after an interruption.</summary>
    public const string Resume = "resume";

    /// <summary>A worker process was given up.</summary>
    public const string Worker = "worker";
}
