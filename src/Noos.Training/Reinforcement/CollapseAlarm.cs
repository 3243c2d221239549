namespace Noos.Training.Reinforcement;

/// <summary>Something that goes wrong in reinforcement learning.</summary>
/// <param name="Iteration">In which it was seen.</param>
/// <param name="Name">Of the kind.</param>
/// <param name="Message">What it is, what it means and what to do: one or two sentences.</param>
/// <param name="IsStop">The run does not go on.</param>
public sealed record CollapseAlarm(long Iteration, string Name, string Message, bool IsStop);
