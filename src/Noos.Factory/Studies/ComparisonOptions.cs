using Noos.Factory.Policies;
using Noos.Factory.Rewards;
using Noos.Training.Reinforcement;

namespace Noos.Factory.Studies;

/// <summary>Which methods are compared, and how much each may spend.</summary>
public sealed record ComparisonOptions
{
    /// <summary>All that can be compared.</summary>
    public static IReadOnlyList<string> AllMethods { get; } = ["ppo-ptx", "dpo", "best-of-4", "rejection", "rloo"];

    public IReadOnlyList<string> Methods { get; init; } = AllMethods;

    /// <summary>Each method is trained so often, each time with another reward model, questions and draws.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>Questions whose answers scripted experts compare, for the reward models and for DPO.</summary>
    public int Experts { get; init; } = 300;

    public RewardOptions Reward { get; init; } = new() { Members = 2 };

    /// <summary>
    /// Of the methods that draw their own answers; <see cref="PolicyOptions.HeldOut"/> are the questions that all are judged by.
    /// </summary>
    public PolicyOptions Policy { get; init; } = new()
    {
        Reinforcement = new ReinforcementOptions { Iterations = 10, PromptsPerIteration = 16 },
        Prompts = 400,
        MeasureEvery = 5,
        MeasureQuestions = 60,
        HeldOut = 100,
    };

    /// <summary>Courses whose examinations are held before and after; none unless told.</summary>
    public IReadOnlyList<string> Examinations { get; init; } = [];
}

/// <summary>What one training came to.</summary>
/// <param name="Method">Which.</param>
/// <param name="Seed">Of the training.</param>
public sealed record ComparisonResult(string Method, int Seed)
{
    /// <summary>Win rate over the beginning by the labeler.</summary>
    public double Labeler { get; init; }

    /// <summary>The same by the second judge, asked in both orders.</summary>
    public double Second { get; init; }

    /// <summary>Mean score of the beginning by the labeler.</summary>
    public double Before { get; init; }

    /// <summary>Mean score of the end.</summary>
    public double After { get; init; }

    /// <summary>The greatest fall of an examination in points; null where none was held.</summary>
    public double? MaxDrop { get; init; }

    /// <summary>Why it ended before its time.</summary>
    public string? Stopped { get; init; }
}
