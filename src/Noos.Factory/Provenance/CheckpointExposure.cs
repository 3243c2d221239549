namespace Noos.Factory.Provenance;

/// <summary>A checkpoint that has seen documents.</summary>
/// <param name="Run">The folder of its run.</param>
/// <param name="Step">Its step.</param>
/// <param name="Documents">How many of those that were asked for.</param>
public sealed record CheckpointExposure(string Run, long Step, int Documents);
