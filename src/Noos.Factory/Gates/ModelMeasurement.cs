using System.Text.Json.Serialization;

namespace Noos.Factory.Gates;

/// <summary>How a model did on everything that a gate looks at; the same questions for champion and candidate.</summary>
/// <param name="Examinations">Of each course.</param>
/// <param name="Answers">One to each question of the labeler.</param>
public sealed record ModelMeasurement(IReadOnlyList<ExaminationResult> Examinations, IReadOnlyList<JudgedAnswer> Answers)
{
    /// <summary>How well it predicts text; null where nobody looked.</summary>
    public TextFit? Text { get; init; }
}

/// <summary>An examination, question by question.</summary>
/// <param name="Course">Which.</param>
/// <param name="Passed">[question] how many of its rounds were passed.</param>
/// <param name="Rounds">How often each was asked.</param>
public sealed record ExaminationResult(string Course, IReadOnlyList<int> Passed, int Rounds)
{
    /// <summary>The share of all that was passed.</summary>
    [JsonIgnore]
    public double Share => Passed.Count == 0 ? 0 : Passed.Sum() / ((double)Passed.Count * Rounds);

    /// <summary>[question] the share of its rounds.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> Shares => [.. Passed.Select(passed => (double)passed / Rounds)];
}

/// <summary>An answer to a question whose answers can be judged by rule.</summary>
/// <param name="Score">By the true labeler, 0 to 1.</param>
/// <param name="Text">What was said.</param>
public sealed record JudgedAnswer(double Score, string Text)
{
    /// <summary>It ended by itself.</summary>
    public bool IsEnded { get; init; }

    /// <summary>It went in circles.</summary>
    public bool IsLoop { get; init; }

    /// <summary>It insults who asked.</summary>
    public bool IsRude { get; init; }

    /// <summary>Words.</summary>
    public int Length { get; init; }
}
