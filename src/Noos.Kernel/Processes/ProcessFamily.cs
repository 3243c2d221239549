namespace Noos.Kernel.Processes;

/// <summary>All below a process: its children, theirs, and so on.</summary>
/// <param name="Usage">What they have spent.</param>
/// <param name="Alive">How many are not done, failed or killed.</param>
public sealed record ProcessFamily(ProcessUsage Usage, int Alive);
