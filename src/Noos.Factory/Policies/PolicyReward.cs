using Noos.Core;
using Noos.Courses.Experts;
using Noos.Factory.Models;
using Noos.Factory.Rewards;
using Noos.Language.Tokenization;
using Noos.Training.Reinforcement;

namespace Noos.Factory.Policies;

/// <summary>
/// Judges a policy's answers: by the checks of their questions, by an ensemble of reward models, or by both. What an answer is truly worth
/// is what the checks say; it is told beside the reward, so that everybody sees when the two part.
/// </summary>
public sealed class PolicyReward : IReward
{
    readonly PolicyPrompts _prompts;
    readonly Tokenizer _tokenizer;
    readonly RewardEnsemble? _ensemble;
    readonly double _checkWeight;

    /// <param name="prompts">What was asked.</param>
    /// <param name="tokenizer">That of the policy.</param>
    /// <param name="ensemble">Null: the checks alone.</param>
    /// <param name="checkWeight">What the checks count for beside an ensemble, 0 to 1; the ensemble counts for the rest.</param>
    /// <exception cref="NoosException">The ensemble has another vocabulary than the policy.</exception>
    public PolicyReward(PolicyPrompts prompts, Tokenizer tokenizer, RewardEnsemble? ensemble = null, double checkWeight = 0)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (ensemble is not null && ensemble.Format.Tokenizer.Fingerprint != tokenizer.Fingerprint)
        {
            throw new NoosException(
                ErrorKind.Invalid,
                "The reward model reads another vocabulary than the policy writes; train it from a model with the same vocabulary.");
        }

        if (checkWeight is not (>= 0 and <= 1))
        {
            throw new NoosException(ErrorKind.Invalid, $"The weight of the checks must lie between 0 and 1, not {checkWeight}.");
        }

        (_prompts, _tokenizer, _ensemble, _checkWeight) = (prompts, tokenizer, ensemble, ensemble is null ? 1 : checkWeight);
        Name = ensemble is null
            ? "checks"
            : string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"ensemble {ensemble.Fingerprint} {ensemble.Combination} checks={checkWeight:r}");
    }

    public string Name { get; }

    public IReadOnlyList<RewardScore> Score(IReadOnlyList<Rollout> rollouts)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        var scores = _ensemble?.Score([.. rollouts.Select(rollout => rollout.Tokens)]);
        return
        [
            .. rollouts.Select((rollout, index) =>
            {
                var truth = ExpertLabeler.Instance.Score(_prompts[rollout.Prompt], ToAnswer(rollout, _tokenizer)).Total;
                return new RewardScore(
                    (_checkWeight * truth) + (scores is null ? 0 : (1 - _checkWeight) * scores[index]), truth);
            }),
        ];
    }

    /// <summary>What was said, as an expert reads it.</summary>
    internal static ExpertAnswer ToAnswer(Rollout rollout, Tokenizer tokenizer)
    {
        var said = rollout.IsEnded ? rollout.Answer[..^1] : rollout.Answer;
        return new ExpertAnswer(AnswerTokens.Text(tokenizer, said), rollout.IsEnded) { Calls = AnswerTokens.Calls(tokenizer, said) };
    }
}
