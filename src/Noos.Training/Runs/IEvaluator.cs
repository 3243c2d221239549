using Noos.Training.Model;

namespace Noos.Training.Runs;

/// <summary>Judges the model during a run.</summary>
public interface IEvaluator
{
    Evaluation Evaluate(long step, long tokens, GradientTeam model, Parameters parameters);
}
