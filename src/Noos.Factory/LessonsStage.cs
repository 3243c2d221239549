using Noos.Core;
using Noos.Corpus.Conversations;
using Noos.Courses.Examinations;
using Noos.Tools;

namespace Noos.Factory;

/// <summary>Collects what the assistant is to learn: lessons of the courses and conversations of public sets, no examination among them.</summary>
public static class LessonsStage
{
    /// <returns>What each part came to.</returns>
    public static IReadOnlyList<LessonCount> Run(Recipe recipe, string dataFolder, RecipeFolder folder)
    {
        var plan = new LessonPlan(recipe.Lessons.Seed, new ExamGuard(CourseCatalog.All).Forbids);
        foreach (var entry in recipe.Lessons.Courses)
        {
            var course = CourseCatalog.Find(entry.Name)
                ?? throw new NoosException($"There is no course '{entry.Name}'; the courses are {string.Join(", ", CourseCatalog.All.Select(course => course.Name))}.");
            plan.AddGenerated(entry.Name, course.Lessons(recipe.Lessons.Seed), entry.Count);
        }

        foreach (var entry in recipe.Lessons.Sets)
        {
            plan.AddSet(entry.Name, ConversationSource.Find(entry.Name).Read(Path.Combine(dataFolder, entry.Path)), entry.Count, entry.Passes);
        }

        Directory.CreateDirectory(folder.Root);
        return plan.Write(folder.Lessons);
    }
}
