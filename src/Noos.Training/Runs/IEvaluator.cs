namespace Noos.Training.Runs;

/// <summary>Judges the model during a run, between two updates.</summary>
public interface IEvaluator
{
    /// <param name="model">As it is; not to be changed.</param>
    /// <param name="cancellationToken">
    /// The run is to stop: the evaluation is given up between its parts, so that the checkpoint is written at once.
    /// </param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    Evaluation Evaluate(ModelSnapshot model, CancellationToken cancellationToken = default);
}
