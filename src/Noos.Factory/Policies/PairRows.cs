using Noos.Core;
using Noos.Corpus.Preferences;
using Noos.Corpus.Rows;
using Noos.Factory.Models;
using Noos.Language.Tokenization;
using Noos.Training.Gradients;
using Noos.Training.Model;
using Noos.Training.Objectives;
using Noos.Training.Runs;

namespace Noos.Factory.Policies;

/// <summary>
/// Preferences as rows of <see cref="DirectPreference"/>: the better answer, then the worse one. Row i is a pure function of preferences,
/// model, seed and i. Immutable and thread-safe.
/// </summary>
sealed class PairRows : IRowSource
{
    readonly (TrainingRow Better, TrainingRow Worse)[] _pairs;
    readonly ulong _seed;

    /// <param name="groups">What was preferred.</param>
    /// <param name="format">The layout of the model.</param>
    /// <param name="contextLength">Pairs with a longer answer are left out.</param>
    /// <param name="reference">Scores with the weights that the training begins with.</param>
    /// <param name="seed">The order.</param>
    /// <exception cref="NoosException">No pair fits.</exception>
    public PairRows(
        IReadOnlyList<PreferenceGroup> groups, ChatFormat format, int contextLength, RowScorer reference, ulong seed)
    {
        _seed = seed;
        _pairs =
        [
            .. groups.SelectMany(group =>
            {
                var rows = group.Answers.Select(answer => RowOf(format, group, answer)).ToArray();
                if (Array.Exists(rows, row => row.Length > contextLength))
                {
                    return [];
                }

                var scores = reference.LogProbabilities(rows);
                rows = [.. rows.Select((row, index) => row with
                {
                    Extras = new Dictionary<string, float[]>(StringComparer.Ordinal)
                    {
                        [DirectPreference.Reference] = [scores[index].Sum()],
                    },
                })];
                return group.Pairs.Select(pair => (rows[pair.Better], rows[pair.Worse]));
            }),
        ];
        if (_pairs.Length == 0)
        {
            throw new NoosException("There is no pair of answers that fits into the context; check the files.");
        }
    }

    public long Count => _pairs.Length;

    public TrainingRow Read(long index)
    {
        var (pass, place) = Math.DivRem(index / 2, Count);
        var (better, worse) = _pairs[new Permutation(Count, Permutation.Mix(_seed, (ulong)pass))[place]];
        return index % 2 == 0 ? better : worse;
    }

    static TrainingRow RowOf(ChatFormat format, PreferenceGroup group, PreferenceAnswer answer)
    {
        var (tokens, isAnswer) = AnswerTokens.Render(format, group.Prompt, answer.Messages, answer.IsEnded);
        return new TrainingRow(tokens, isAnswer[1..]);
    }
}
