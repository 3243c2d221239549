namespace Noos.Kernel.Processes;

/// <summary>Where a process was forked.</summary>
/// <param name="Process">From which one.</param>
/// <param name="Event">The last event of that one which both have in common.</param>
public sealed record ProcessOrigin(long Process, long Event);
