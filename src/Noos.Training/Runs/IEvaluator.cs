namespace Noos.Training.Runs;

/// <summary>Judges the model during a run, between two updates.</summary>
public interface IEvaluator
{
    Evaluation Evaluate(ModelSnapshot model);
}
