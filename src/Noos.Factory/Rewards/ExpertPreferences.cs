using Noos.Core.Conversations;
using Noos.Corpus.Preferences;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Courses.Experts;

namespace Noos.Factory.Rewards;

/// <summary>What scripted experts prefer, as preferences like those of people.</summary>
public static class ExpertPreferences
{
    /// <summary>So many prompts with their answers; none gives away anything of an examination.</summary>
    /// <param name="panel">The experts.</param>
    /// <param name="count">Prompts.</param>
    /// <param name="courses">Whose examinations are kept out.</param>
    /// <param name="generators">Who writes the prompts; null: all that training may use.</param>
    public static IEnumerable<PreferenceGroup> Write(
        ExpertPanel panel, int count, IEnumerable<ICourse> courses, IReadOnlyList<string>? generators = null)
    {
        ArgumentNullException.ThrowIfNull(panel);
        return Prompts(panel.Seed, courses, generators, panel.IsExamination).Take(count)
            .Select((prompt, number) => From(panel.Compare(prompt, number)));
    }

    /// <summary>Endless prompts that give away nothing of an examination, unless they are for measuring.</summary>
    public static IEnumerable<ExpertPrompt> Prompts(
        int seed, IEnumerable<ICourse> courses, IReadOnlyList<string>? generators = null, bool isExamination = false)
    {
        ICourse[] all = [.. courses];
        var guard = new ExamGuard(all);
        return ExpertPrompts.Write(seed, generators, isExamination, all).Where(prompt => isExamination || !guard.Forbids(prompt.Prompt));
    }

    /// <summary>A comparison as a group of preferences, with the truth beside it for reports.</summary>
    public static PreferenceGroup From(ExpertComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        return new PreferenceGroup(
            comparison.Prompt.Prompt,
            [
                .. comparison.Answers.Zip(comparison.Scores, (answer, score) => new PreferenceAnswer([Message.Assistant(answer.Text)])
                {
                    IsEnded = answer.IsEnded,
                    Kind = answer.Defect?.ToString(),
                    TrueScore = score,
                }),
            ],
            [.. comparison.Pairs.Select(pair => new Preference(pair.Better, pair.Worse))]);
    }
}
