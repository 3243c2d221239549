using Noos.Core;
using Noos.Language.Models;
using Noos.Training.Checkpoints;
using Noos.Training.Gradients;
using Noos.Training.Model;
using Noos.Training.Objectives;
using Noos.Training.Runs;

namespace Noos.Factory.Rewards;

/// <summary>One member of an ensemble: a transformer with a scalar head, read from the checkpoint of its run.</summary>
sealed class RewardModel : IDisposable
{
    readonly Parameters _parameters;
    readonly RowScorer _scorer;

    RewardModel(Parameters parameters, int workers)
    {
        _parameters = parameters;
        _scorer = new RowScorer(parameters, workers);
    }

    /// <exception cref="NoosException">There is no checkpoint, or it is of another shape.</exception>
    public static RewardModel Open(string run, TransformerConfig config, int workers)
    {
        var checkpoint = CheckpointStore.ReadLatest(run) ?? throw new NoosException(
            ErrorKind.NotFound, $"There is no reward model in '{run}'; train it first with 'noos reward'.");
        var parameters = new Parameters(config, ValueHead.Parameters(config));
        try
        {
            using (var model = checkpoint.Open(TrainingRun.ModelBlob))
            {
                parameters.Load(model);
            }

            return new RewardModel(parameters, workers);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>The reward of each row, read at its last counted position.</summary>
    public double[] Score(IReadOnlyList<TrainingRow> rows)
    {
        var values = _scorer.Values(rows);
        return [.. rows.Select((row, index) => (double)values[index][row.LastTarget])];
    }

    public void Dispose()
    {
        _scorer.Dispose();
        _parameters.Dispose();
    }
}
