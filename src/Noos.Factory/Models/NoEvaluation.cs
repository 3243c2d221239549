using Noos.Training.Runs;

namespace Noos.Factory.Models;

/// <summary>Nothing is measured during a run; it is judged when it is done.</summary>
sealed class NoEvaluation : IEvaluator
{
    public static NoEvaluation Instance { get; } = new();

    public Evaluation Evaluate(ModelSnapshot model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new(model.Step, model.Tokens, new Dictionary<string, double>(StringComparer.Ordinal), []);
    }
}
