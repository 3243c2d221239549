using Noos.Training.Model;

namespace Noos.Training.Pretraining;

/// <summary>Rows of held-out text of one source, and the bytes that their targets stand for.</summary>
public sealed record HeldOutSource(string Name, IReadOnlyList<TrainingRow> Rows, long Bytes);
