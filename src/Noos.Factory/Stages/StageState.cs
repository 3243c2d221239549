namespace Noos.Factory.Stages;

/// <summary>Where a stage is in its life.</summary>
public enum StageState
{
    /// <summary>It begins, or goes on from where it was stopped.</summary>
    Started,

    Running,

    /// <summary>Its outputs are there.</summary>
    Done,

    /// <summary>Its outputs were there already, made from the same inputs; it is not run.</summary>
    UpToDate,
}
