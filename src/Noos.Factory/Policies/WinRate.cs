using System.Globalization;
using Noos.Courses.Experts;
using Noos.Language.Tokenization;
using Noos.Training.Reinforcement;

namespace Noos.Factory.Policies;

/// <summary>How often one policy's answer is better than another's to the same question; a tie counts half.</summary>
/// <param name="Prompts">Questions.</param>
/// <param name="Labeler">By the labeler whose checks may have been the reward.</param>
/// <param name="Second">By the judge that nobody trained for; asked twice, in both orders.</param>
public sealed record WinRate(int Prompts, double Labeler, double Second)
{
    /// <summary>Mean score of the labeler for each policy.</summary>
    public (double Candidate, double Champion) Scores { get; init; }

    /// <summary>One line for people.</summary>
    public string ToText() => string.Create(
        CultureInfo.InvariantCulture,
        $"win rate over the beginning on {Prompts} held-out questions: {Labeler * 100:F1} % by the labeler, {Second * 100:F1} % by "
        + $"the second judge; mean score {Scores.Champion:F3} before, {Scores.Candidate:F3} after");

    /// <param name="prompts">What was asked.</param>
    /// <param name="tokenizer">Of both policies.</param>
    /// <param name="candidate">One answer to each of the first questions.</param>
    /// <param name="champion">The same of the other policy, in the same order.</param>
    public static WinRate Measure(
        PolicyPrompts prompts, Tokenizer tokenizer, IReadOnlyList<Rollout> candidate, IReadOnlyList<Rollout> champion)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(champion);
        var (labeler, second, scores) = (0.0, 0.0, (Candidate: 0.0, Champion: 0.0));
        foreach (var (one, other) in candidate.Zip(champion))
        {
            var prompt = prompts[one.Prompt];
            var (first, last) = (PolicyReward.ToAnswer(one, tokenizer), PolicyReward.ToAnswer(other, tokenizer));
            var (better, worse) = (ExpertLabeler.Instance.Score(prompt, first).Total, ExpertLabeler.Instance.Score(prompt, last).Total);
            scores = (scores.Candidate + better, scores.Champion + worse);
            labeler += Share(better.CompareTo(worse));
            second += (Share(SecondJudge.Instance.Compare(prompt, first, last))
                + Share(-SecondJudge.Instance.Compare(prompt, last, first))) / 2;
        }

        var count = Math.Max(1, candidate.Count);
        return new WinRate(candidate.Count, labeler / count, second / count)
        {
            Scores = (scores.Candidate / count, scores.Champion / count),
        };

        static double Share(int sign) => sign > 0 ? 1 : sign == 0 ? 0.5 : 0;
    }
}
