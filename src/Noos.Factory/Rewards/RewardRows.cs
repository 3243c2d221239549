using Noos.Core;
using Noos.Corpus.Preferences;
using Noos.Corpus.Rows;
using Noos.Factory.Models;
using Noos.Language.Tokenization;
using Noos.Training.Model;
using Noos.Training.Objectives;
using Noos.Training.Runs;

namespace Noos.Factory.Rewards;

/// <summary>
/// Preferences as training rows: a sample is so many rows, the answers to one prompt, each with what it beats. Row i is a pure function of
/// preferences, seed and i. Immutable and thread-safe.
/// </summary>
sealed class RewardRows : IRowSource
{
    readonly List<TrainingRow[]> _samples = [];
    readonly int _answers;
    readonly ulong _seed;

    /// <param name="groups">What was preferred.</param>
    /// <param name="format">The layout of the model.</param>
    /// <param name="contextLength">A prompt with a longer answer is left out, and counted.</param>
    /// <param name="answers">Rows of a sample.</param>
    /// <param name="seed">The order.</param>
    /// <exception cref="NoosException">No prompt fits.</exception>
    public RewardRows(IEnumerable<PreferenceGroup> groups, ChatFormat format, int contextLength, int answers, ulong seed)
    {
        (_answers, _seed) = (answers, seed);
        foreach (var group in groups)
        {
            var rows = group.Answers.Select(answer => RowOf(format, group, answer)).ToArray();
            if (rows.Any(row => row.Length > contextLength))
            {
                TooLong++;
                continue;
            }

            foreach (var part in Parts(group))
            {
                _samples.Add(SampleOf(group, rows, part));
            }
        }

        if (_samples.Count == 0)
        {
            throw new NoosException(TooLong == 0
                ? "There is no preference to learn from; check the files, or let scripted experts make some with --experts N."
                : $"All {TooLong} prompts with preferences are longer than the context of {contextLength} tokens; choose another model.");
        }
    }

    /// <summary>Samples of one pass.</summary>
    public long Samples => _samples.Count;

    /// <summary>Prompts left out because an answer to them does not fit.</summary>
    public int TooLong { get; }

    public TrainingRow Read(long index)
    {
        var (sample, row) = Math.DivRem(index, _answers);
        var (epoch, place) = Math.DivRem(sample, Samples);
        return _samples[(int)new Permutation(Samples, Permutation.Mix(_seed, (ulong)epoch))[place]][row];
    }

    /// <summary>The row in which a reward model reads an answer: its last position has seen all of it.</summary>
    public static TrainingRow RowOf(ChatFormat format, PreferenceGroup group, PreferenceAnswer answer)
    {
        var (tokens, _) = AnswerTokens.Render(format, group.Prompt, answer.Messages, answer.IsEnded);
        return RowOf(tokens, format.Tokenizer.EndOfText);
    }

    /// <inheritdoc cref="RowOf(ChatFormat, PreferenceGroup, PreferenceAnswer)"/>
    /// <param name="tokens">Prompt and answer.</param>
    /// <param name="padding">Stands behind them as the target of the last position, and is never read.</param>
    public static TrainingRow RowOf(int[] tokens, int padding)
    {
        var isTarget = new bool[tokens.Length];
        isTarget[^1] = true;
        return new TrainingRow([.. tokens, padding], isTarget);
    }

    // Answers that were compared with each other, at most so many at a time: a larger group falls apart into neighbours.
    IEnumerable<int[]> Parts(PreferenceGroup group) =>
        Enumerable.Range(0, group.Answers.Count).Chunk(_answers).Where(part => group.Pairs.Any(pair => IsIn(pair, part)))
            .Concat(CrossPairs(group));

    // Pairs across the parts get samples of two.
    IEnumerable<int[]> CrossPairs(PreferenceGroup group) => group.Answers.Count <= _answers
        ? []
        : group.Pairs.Where(pair => pair.Better / _answers != pair.Worse / _answers)
            .Select(pair => new[] { Math.Min(pair.Better, pair.Worse), Math.Max(pair.Better, pair.Worse) })
            .DistinctBy(pair => (pair[0], pair[1]));

    TrainingRow[] SampleOf(PreferenceGroup group, TrainingRow[] rows, int[] part)
    {
        var wins = part.Select(_ => new float[_answers]).ToArray();
        foreach (var pair in group.Pairs.Where(pair => IsIn(pair, part)))
        {
            wins[Array.IndexOf(part, pair.Better)][Array.IndexOf(part, pair.Worse)] += pair.Weight;
        }

        // The rest of the sample is compared with nothing and costs one position each.
        var filler = new TrainingRow([0, 0], [false]);
        return
        [
            .. Enumerable.Range(0, _answers).Select(place => (place < part.Length ? rows[part[place]] : filler) with
            {
                Extras = new Dictionary<string, float[]>(StringComparer.Ordinal)
                {
                    [PairwiseRanking.Wins] = place < part.Length ? wins[place] : new float[_answers],
                },
            }),
        ];
    }

    static bool IsIn(Preference pair, int[] part) => part.Contains(pair.Better) && part.Contains(pair.Worse);
}
