using Noos.Core.Conversations;
using Noos.Courses.Formats;

namespace Noos.Courses.Experts;

/// <summary>
/// A question whose answers can be judged by rule, whoever gave them: a demand of fine-tuning, a comparison and a reward at once.
/// </summary>
/// <param name="Generator">Who wrote it, one of <see cref="ExpertPrompts.Generators"/> or <see cref="ExpertPrompts.HeldOutGenerators"/>.
/// </param>
/// <param name="Prompt">Up to and including the question.</param>
/// <param name="Answer">A good answer.</param>
public sealed record ExpertPrompt(string Generator, Conversation Prompt, string Answer)
{
    /// <summary>Whether an answer says the right thing; null where many things are right.</summary>
    public Func<string, bool>? Right { get; init; }

    /// <summary>
    /// How right an answer is, 0 to 1, where more than its text decides: the calls that it makes. Null where <see cref="Right"/> says it.
    /// </summary>
    public Func<ExpertAnswer, double>? Check { get; init; }

    /// <summary>What an answer may be taken from; null where it may come from anywhere.</summary>
    public string? Source { get; init; }

    /// <summary>The form that an answer must have.</summary>
    public IReadOnlyList<FormatRule> Rules { get; init; } = [];

    /// <summary>More words are too many.</summary>
    public int MaxWords { get; init; } = 30;

    /// <summary>Answers that look right and are not; nothing where none is known.</summary>
    public IReadOnlyList<string> WrongAnswers { get; init; } = [];

    /// <summary>What the user said last.</summary>
    public string Question => Prompt.Messages[^1].Text();
}
