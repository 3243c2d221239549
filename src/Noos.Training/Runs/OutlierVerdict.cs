namespace Noos.Training.Runs;

/// <summary>What to do with an update.</summary>
public enum OutlierVerdict
{
    /// <summary>Apply it.</summary>
    Normal,

    /// <summary>Leave it out and go on.</summary>
    Skip,

    /// <summary>The training has diverged: return to the last checkpoint.</summary>
    RollBack,
}
