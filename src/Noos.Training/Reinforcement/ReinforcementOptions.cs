using Noos.Core;
using Noos.Training.Objectives;
using Noos.Training.Runs;

namespace Noos.Training.Reinforcement;

/// <summary>How a policy is trained by rewards. All of it decides what is computed.</summary>
public sealed record ReinforcementOptions
{
    public ReinforcementMethod Method { get; init; } = ReinforcementMethod.Rloo;

    /// <summary>How often answers are drawn and learned from.</summary>
    public int Iterations { get; init; } = 200;

    /// <summary>Prompts of an iteration.</summary>
    public int PromptsPerIteration { get; init; } = 64;

    /// <summary>Answers to a prompt.</summary>
    public int AnswersPerPrompt { get; init; } = 4;

    /// <summary>Passes over the answers of an iteration; more than one needs a method with clipped ratios.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Rows of one update.</summary>
    public int RowsPerStep { get; init; } = 32;

    /// <summary>
    /// Rows of text in each pass over an iteration's answers, against forgetting (PPO-ptx); none where rows come in pairs.
    /// </summary>
    public int TextRows { get; init; } = 8;

    /// <summary>What a token of text counts for, beside one of an answer.</summary>
    public double TextWeight { get; init; } = 1;

    /// <summary>Clip of the ratios.</summary>
    public double Clip { get; init; } = 0.2;

    /// <summary>Weight of the critic's error.</summary>
    public double ValueWeight { get; init; } = 0.1;

    /// <summary>Clip of the critic.</summary>
    public double ValueClip { get; init; } = 0.2;

    /// <summary>λ of the advantages with a critic.</summary>
    public double Trace { get; init; } = 0.95;

    /// <summary>β of DPO.</summary>
    public double Beta { get; init; } = 0.1;

    /// <summary>What each nat of divergence from the reference costs in the first iteration.</summary>
    public double KlWeight { get; init; } = 0.05;

    /// <summary>The weight grows or shrinks until an answer diverges by so many nats; 0: it stays.</summary>
    public double KlTarget { get; init; } = 3;

    /// <summary>From so many nats an answer on the run is stopped.</summary>
    public double MaxKl { get; init; } = 6;

    /// <summary>From so many nats a token on the run is stopped.</summary>
    public double MaxTokenKl { get; init; } = 0.25;

    /// <summary>Taken off the reward of an answer that was not ended.</summary>
    public double NoEndPenalty { get; init; } = 1;

    /// <summary>Taken off the reward of an answer that says nothing new, in proportion.</summary>
    public double RepetitionPenalty { get; init; } = 0.5;

    /// <summary>Taken off the reward for each token beyond <see cref="FreeLength"/>.</summary>
    public double LengthPenalty { get; init; } = 0.002;

    public int FreeLength { get; init; } = 60;

    /// <summary>Seed of draws and orders.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Updates of an iteration.</summary>
    public int StepsPerIteration => RowsPerIteration / RowsPerStep;

    /// <summary>Rows of all passes over the answers of an iteration.</summary>
    internal int RowsPerIteration => Epochs * RowsPerEpoch;

    internal int RowsPerEpoch => AnswerRows + (IsPaired ? 0 : TextRows);

    /// <summary>Rows of answers in a pass: where rows come in pairs, a pair for each prompt.</summary>
    internal int AnswerRows => PromptsPerIteration * (IsPaired ? 2 : AnswersPerPrompt);

    internal bool IsPaired => Method == ReinforcementMethod.Dpo;

    internal bool HasCritic => Method == ReinforcementMethod.Ppo;

    /// <summary>The same with the most rows of an update, up to a limit, that divide a pass.</summary>
    public ReinforcementOptions FitRowsPerStep(int max = 32)
    {
        var unit = IsPaired ? 2 : 1;
        var rows = Math.Max(unit, Math.Min(max, RowsPerEpoch));
        while (rows > unit && (RowsPerEpoch % rows != 0 || rows % unit != 0))
        {
            rows--;
        }

        return this with { RowsPerStep = rows };
    }

    /// <exception cref="NoosException">A number cannot make a run.</exception>
    public ReinforcementOptions Validate()
    {
        Require(Iterations is >= 1 and <= 1_000_000, $"The iterations must be from 1 to 1,000,000, not {Iterations}.");
        Require(PromptsPerIteration is >= 1 and <= 65_536, $"An iteration has 1 to 65,536 prompts, not {PromptsPerIteration}.");
        Require(AnswersPerPrompt is >= 2 and <= 256, $"Answers are compared: give 2 to 256 to a prompt, not {AnswersPerPrompt}.");
        Require(Epochs is >= 1 and <= 16, $"The passes over the answers must be from 1 to 16, not {Epochs}.");
        Require(
            Epochs == 1 || Method != ReinforcementMethod.Rloo,
            "RLOO learns from each answer once, since it looks at no ratio; give one pass, or choose grpo or ppo.");
        Require(TextRows >= 0, $"The rows of text must not be negative, but are {TextRows}.");
        Require(
            RowsPerStep >= 1 && RowsPerEpoch % RowsPerStep == 0,
            $"The rows of one update ({RowsPerStep}) must divide the rows of a pass ({RowsPerEpoch}: {AnswerRows} of answers and "
            + $"{RowsPerEpoch - AnswerRows} of text).");
        Require(KlWeight >= 0 && KlTarget >= 0 && MaxKl > 0 && MaxTokenKl > 0, "The limits of the divergence must be positive.");
        return this;

        static void Require(bool condition, string message)
        {
            if (!condition)
            {
                throw new NoosException(ErrorKind.Invalid, message);
            }
        }
    }

    /// <summary>
    /// What decides the rows, those at their defaults left out; limits of alarms and the number of iterations decide nothing until then.
    /// </summary>
    internal string ToText() => new SettingsText()
        .Add("method", Method.ToString(), "")
        .Add("prompts", PromptsPerIteration, 64)
        .Add("answers", AnswersPerPrompt, 4)
        .Add("epochs", Epochs, 1)
        .Add("text_rows", TextRows, 8)
        .Add("trace", Trace, 0.95)
        .Add("kl_weight", KlWeight, 0.05)
        .Add("kl_target", KlTarget, 3)
        .Add("no_end_penalty", NoEndPenalty, 1)
        .Add("repetition_penalty", RepetitionPenalty, 0.5)
        .Add("length_penalty", LengthPenalty, 0.002)
        .Add("free_length", FreeLength, 60)
        .Add("seed", Seed, 1)
        .ToString();

    internal IObjective ToObjective() => Method switch
    {
        ReinforcementMethod.Dpo => new DirectPreference(Beta),
        ReinforcementMethod.Rejection or ReinforcementMethod.Rloo => new PolicyGradient(new PolicyOptions { TextWeight = TextWeight }),
        ReinforcementMethod.Grpo => new ClippedPolicy(new PolicyOptions { TextWeight = TextWeight }, Clip),
        _ => new ClippedPolicy(
            new PolicyOptions { TextWeight = TextWeight, ValueWeight = ValueWeight, ValueClip = ValueClip }, Clip),
    };
}
