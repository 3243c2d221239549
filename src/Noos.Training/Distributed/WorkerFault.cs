namespace Noos.Training.Distributed;

/// <summary>Why a worker was given up.</summary>
public enum WorkerFault
{
    /// <summary>Its connection ended: it was killed, or its machine or network is gone.</summary>
    Lost,

    /// <summary>It stands still.</summary>
    Hung,

    /// <summary>It needs much longer than others.</summary>
    Slow,

    /// <summary>It computed, kept or sent something wrong.</summary>
    Wrong,

    /// <summary>It said that it leaves.</summary>
    Left,
}

/// <summary>What happened to a worker.</summary>
/// <param name="Step">Update at which it was found.</param>
/// <param name="Worker">Machine and process.</param>
/// <param name="Message">One sentence.</param>
public sealed record WorkerIncident(long Step, string Worker, WorkerFault Fault, string Message);
