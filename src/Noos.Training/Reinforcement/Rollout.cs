namespace Noos.Training.Reinforcement;

/// <summary>A question that a policy shall answer.</summary>
/// <param name="Number">Which of all questions: rewards know it by that.</param>
/// <param name="Tokens">All that stands before the answer.</param>
public sealed record RolloutPrompt(int Number, int[] Tokens);

/// <summary>What a policy said to a prompt.</summary>
/// <param name="Prompt">Number of the prompt.</param>
/// <param name="Tokens">Prompt and answer; where the answer was ended, its end token too.</param>
/// <param name="PromptLength">So many of them are the prompt.</param>
/// <param name="IsEnded">Whether the policy ended the answer; else it ran into the limit.</param>
public sealed record Rollout(int Prompt, int[] Tokens, int PromptLength, bool IsEnded)
{
    /// <summary>
    /// [answer] log-probabilities of the tokens under the engine that drew them; null where it does not say. They are not learned from, and
    /// show how far the engine is from the trainer.
    /// </summary>
    public float[]? LogProbabilities { get; init; }

    /// <summary>What the policy said, its end included.</summary>
    public ReadOnlySpan<int> Answer => Tokens.AsSpan(PromptLength);
}
