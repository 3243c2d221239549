namespace Noos.Corpus.Batches;

/// <summary>How far a stage is.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Done">Units that are done, by all workers.</param>
/// <param name="Units">Units in all.</param>
/// <param name="Own">Units that this process has done.</param>
public readonly record struct WorkProgress(string Stage, int Done, int Units, int Own);
