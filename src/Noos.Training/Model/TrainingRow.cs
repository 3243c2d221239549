namespace Noos.Training.Model;

/// <summary>One packed row: [length + 1] tokens, and which of the [length] targets count (empty: all).</summary>
public sealed record TrainingRow(int[] Tokens, bool[] IsTarget);
