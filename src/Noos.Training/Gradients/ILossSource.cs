using Noos.Training.Model;
using Noos.Training.Objectives;

namespace Noos.Training.Gradients;

/// <summary>Losses of the model in training, without gradients: all that an evaluation needs of it.</summary>
public interface ILossSource
{
    /// <summary>Sum of the losses of samples of rows: for <see cref="CrossEntropy"/> in nats over all counted targets.</summary>
    /// <param name="objective">Need not be the one trained with, but must not bring parameters that the model lacks.</param>
    /// <param name="rows">Whole samples, one after the other.</param>
    double Loss(IObjective objective, IReadOnlyList<TrainingRow> rows);
}
