using Noos.Core;
using Noos.Factory.Collection;
using Noos.Factory.Gates;
using Noos.Factory.Policies;
using Noos.Factory.Rewards;
using Noos.Training.Reinforcement;

namespace Noos.Factory.Weeks;

/// <summary>What is collected; see <see cref="CollectionOptions"/>.</summary>
public sealed record WeekSources
{
    static readonly CollectionOptions s_usual = new();

    /// <summary>Whether what was taught on the page is.</summary>
    public bool Journal { get; init; } = true;

    /// <summary>Files of 'noos label', or folders of them.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Files of preferences, or folders of them.</summary>
    public IReadOnlyList<string> Preferences { get; init; } = [];

    /// <summary>Files of conversations to learn, or folders of them.</summary>
    public IReadOnlyList<string> Demonstrations { get; init; } = [];

    public int NewDays { get; init; } = s_usual.NewDays;

    public int NewPasses { get; init; } = s_usual.NewPasses;

    public double Weight { get; init; } = s_usual.Weight;

    public int MaxRowsPerWeek { get; init; } = s_usual.MaxRowsPerWeek;

    public double MaxWeekShare { get; init; } = s_usual.MaxWeekShare;

    public IReadOnlyList<string> Uncapped { get; init; } = [];

    public double MinRaterAccuracy { get; init; } = s_usual.MinRaterAccuracy;

    /// <param name="until">The time at which the week began.</param>
    public CollectionOptions ToOptions(DateTimeOffset until) => s_usual with
    {
        Until = until,
        NewDays = NewDays,
        NewPasses = NewPasses,
        Weight = Weight,
        MaxRowsPerWeek = MaxRowsPerWeek,
        MaxWeekShare = MaxWeekShare,
        Uncapped = Uncapped,
        MinRaterAccuracy = MinRaterAccuracy,
    };
}

/// <summary>Supervised fine-tuning from the base.</summary>
public sealed record WeekFineTuning
{
    /// <summary>Passes over lessons and what was collected.</summary>
    public double Epochs { get; init; } = 2;

    /// <summary>Updates at most; null for as many as the passes take.</summary>
    public long? MaxSteps { get; init; }

    /// <summary>Rows of an update.</summary>
    public int Rows { get; init; } = 8;

    public double LearningRate { get; init; } = 0.001;

    public int Warmup { get; init; } = 100;

    /// <summary>Each so-many-th row is text of the encyclopedia, so that the language is not forgotten; 0 for none.</summary>
    public int TextEvery { get; init; } = 12;

    /// <summary>Most of the rows that may be collected ones: the rest is learned again (replay).</summary>
    public double MaxCollectedShare { get; init; } = 0.5;

    public int Seed { get; init; } = 1;

    public int Workers { get; init; } = 2;

    public int CheckpointEvery { get; init; } = 250;
}

/// <summary>The reward models; see <see cref="RewardOptions"/>.</summary>
public sealed record WeekReward
{
    static readonly RewardOptions s_usual = new();

    public int Members { get; init; } = s_usual.Members;

    /// <summary>Questions whose answers scripted experts compare, beside what people said.</summary>
    public int Experts { get; init; } = 6000;

    /// <summary>Share of the experts' labels that are wrong.</summary>
    public double Noise { get; init; } = 0.22;

    public double FlipRate { get; init; } = s_usual.FlipRate;

    public double Epochs { get; init; } = s_usual.Epochs;

    public double LearningRate { get; init; } = s_usual.LearningRate;

    public int PromptsPerStep { get; init; } = s_usual.PromptsPerStep;

    public int Seed { get; init; } = s_usual.Seed;

    public int Workers { get; init; } = s_usual.Workers;

    public RewardOptions ToOptions() => s_usual with
    {
        Members = Members,
        FlipRate = FlipRate,
        Epochs = Epochs,
        LearningRate = LearningRate,
        PromptsPerStep = PromptsPerStep,
        Seed = Seed,
        Workers = Workers,
    };
}

/// <summary>Reinforcement; see <see cref="PolicyOptions"/>.</summary>
public sealed record WeekReinforcement
{
    static readonly PolicyOptions s_usual = new();

    /// <summary>How often answers are drawn and learned from; 0: the fine-tuned model is the candidate.</summary>
    public int Iterations { get; init; } = s_usual.Reinforcement.Iterations;

    /// <summary>rejection, rloo, grpo, ppo or dpo.</summary>
    public string Method { get; init; } = "ppo";

    public int PromptsPerIteration { get; init; } = s_usual.Reinforcement.PromptsPerIteration;

    public int Answers { get; init; } = s_usual.Reinforcement.AnswersPerPrompt;

    public int MaxTokens { get; init; } = s_usual.Sampler.MaxTokens;

    public int TextRows { get; init; } = s_usual.Reinforcement.TextRows;

    public double LearningRate { get; init; } = s_usual.LearningRate;

    public double KlWeight { get; init; } = s_usual.Reinforcement.KlWeight;

    public double MaxKl { get; init; } = s_usual.Reinforcement.MaxKl;

    public double MaxTokenKl { get; init; } = s_usual.Reinforcement.MaxTokenKl;

    /// <summary>What the checks of the questions count for beside the reward models, 0 to 1.</summary>
    public double CheckWeight { get; init; }

    /// <summary>Different questions.</summary>
    public int Prompts { get; init; } = s_usual.Prompts;

    /// <summary>Who asks; empty for all that training may use.</summary>
    public IReadOnlyList<string> Questions { get; init; } = [];

    /// <summary>Every so many iterations held-out questions are answered; the model at the peak is the candidate.</summary>
    public int MeasureEvery { get; init; } = 10;

    public int MeasureQuestions { get; init; } = s_usual.MeasureQuestions;

    public int Seed { get; init; } = 1;

    public int Workers { get; init; } = s_usual.Workers;

    public PolicyOptions ToOptions()
    {
        var method = Enum.TryParse<ReinforcementMethod>(Method, ignoreCase: true, out var known) && !char.IsDigit(Method[0])
            ? known
            : throw new NoosException(
                ErrorKind.Invalid, $"There is no method '{Method}'; write rejection, rloo, grpo, ppo or dpo.");
        return s_usual with
        {
            Reinforcement = (s_usual.Reinforcement with
            {
                Method = method,
                Iterations = Math.Max(1, Iterations),
                PromptsPerIteration = PromptsPerIteration,
                AnswersPerPrompt = Answers,
                Epochs = method == ReinforcementMethod.Ppo ? 2 : 1,
                TextRows = TextRows,
                KlWeight = KlWeight,
                MaxKl = MaxKl,
                MaxTokenKl = MaxTokenKl,
                Seed = Seed,
            }).FitRowsPerStep(),
            Sampler = s_usual.Sampler with { MaxTokens = MaxTokens },
            LearningRate = LearningRate,
            Prompts = Prompts,
            Generators = Questions.Count > 0 ? Questions : null,
            CheckWeight = CheckWeight,
            HeldOut = 0,
            MeasureEvery = Math.Max(1, MeasureEvery),
            MeasureQuestions = MeasureQuestions,
            Workers = Workers,
        };
    }
}

/// <summary>The examinations and the gate; see <see cref="GateQuestions"/> and <see cref="GateOptions"/>.</summary>
public sealed record WeekGate
{
    static readonly GateOptions s_usual = new();

    /// <summary>Whose examinations are held; empty for all.</summary>
    public IReadOnlyList<string> Courses { get; init; } = [];

    /// <summary>Questions of each; null for all.</summary>
    public int? Questions { get; init; }

    public int Rounds { get; init; } = 5;

    public int Prompts { get; init; } = 1000;

    public int MaxTokens { get; init; } = 96;

    /// <summary>Articles of the encyclopedia that both models read, spread over it; 0 for none.</summary>
    public int Texts { get; init; } = 200;

    public double Level { get; init; } = s_usual.Level;

    public double MaxDrop { get; init; } = s_usual.MaxDrop;

    public double MaxRise { get; init; } = s_usual.MaxRise;

    public double MaxTextRise { get; init; } = s_usual.MaxTextRise;

    public double MinWinRate { get; init; } = s_usual.MinWinRate;

    public double MinLowerBound { get; init; } = s_usual.MinLowerBound;

    public GateOptions ToOptions() => new()
    {
        Level = Level,
        MaxDrop = MaxDrop,
        MaxRise = MaxRise,
        MaxTextRise = MaxTextRise,
        MinWinRate = MinWinRate,
        MinLowerBound = MinLowerBound,
    };

    /// <param name="week">Its number: other questions each week.</param>
    public GateQuestions ToQuestions(int week) => new()
    {
        Courses = Courses.Count > 0 ? Courses : null,
        ExaminationQuestions = Questions,
        Rounds = Rounds,
        Prompts = Prompts,
        MaxTokens = MaxTokens,
        Seed = 40_000_000 + week,
    };
}
