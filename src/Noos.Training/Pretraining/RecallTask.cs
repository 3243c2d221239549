using Noos.Training.Model;

namespace Noos.Training.Pretraining;

/// <summary>Rows that test whether the model looks back: top-1 accuracy over their counted targets.</summary>
/// <param name="Name">How the task is called in reports.</param>
/// <param name="Rows">At least one of them with a target that counts.</param>
public sealed record RecallTask(string Name, IReadOnlyList<TrainingRow> Rows);
