namespace Noos.Training.Adapters;

/// <summary>One sequence among the rows of activations: its tokens see each other only.</summary>
/// <param name="First">First row.</param>
/// <param name="Length">Number of rows.</param>
readonly record struct SequenceRange(int First, int Length);
