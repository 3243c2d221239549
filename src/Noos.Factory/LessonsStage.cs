using Noos.Core;
using Noos.Corpus.Conversations;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Tools;

namespace Noos.Factory;

/// <summary>Collects what the assistant is to learn: lessons of the courses and conversations of public sets, no examination among them.</summary>
public static class LessonsStage
{
    /// <returns>What each part came to.</returns>
    public static async Task<IReadOnlyList<LessonCount>> RunAsync(
        Recipe recipe, string dataFolder, RecipeFolder folder, CancellationToken cancellationToken)
    {
        var plan = new LessonPlan(recipe.Lessons.Seed, new ExamGuard(CourseCatalog.All).Forbids);
        foreach (var entry in recipe.Lessons.Courses)
        {
            var course = CourseCatalog.Find(entry.Name)
                ?? throw new NoosException($"There is no course '{entry.Name}'; the courses are {string.Join(", ", CourseCatalog.All.Select(course => course.Name))}.");
            plan.AddGenerated(entry.Name, course.Lessons(new LessonContext(recipe.Lessons.Seed), cancellationToken), entry.Count);
        }

        // The sums of word problems are calls of our calculator.
        var sources = ConversationSourceRegistry.CreateDefault()
            .Add(new ConversationSource("svamp", new WordProblemConverter("calculator", "expression").Convert));
        foreach (var entry in recipe.Lessons.Sets)
        {
            var conversations = sources.Get(entry.Name).ReadAsync(Path.Combine(dataFolder, entry.Path), cancellationToken);
            plan.AddSet(entry.Name, conversations, entry.Count, entry.Passes);
        }

        Directory.CreateDirectory(folder.Root);
        return await plan.WriteAsync(folder.Lessons, cancellationToken);
    }
}
