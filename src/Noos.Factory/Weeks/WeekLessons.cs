using System.Globalization;
using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Conversations;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Factory.Collection;

namespace Noos.Factory.Weeks;

/// <summary>
/// What a week learns: the lessons that every week learns again, and all demonstrations that were accepted so far, which are never more
/// than a given share, in an order drawn by the seed.
/// </summary>
static class WeekLessons
{
    /// <summary>Writes the file of lessons.</summary>
    /// <returns>One sentence about what is in it.</returns>
    /// <exception cref="NoosException">A course or file is missing.</exception>
    public static async Task<string> WriteAsync(
        WeekRecipe recipe, WeekFolder folder, IReadOnlyList<ICourse> courses, CancellationToken cancellationToken)
    {
        var lessons = recipe.Lessons is { } file
            ? ConversationFile.Read(recipe.PathOf(file)).ToList()
            : [];
        lessons.AddRange(await GenerateAsync(recipe, courses, cancellationToken));
        if (lessons.Count == 0)
        {
            throw new NoosException($"The recipe '{recipe.File}' has no lessons; name a file with lessons = \"FILE\", or [[courses]].");
        }

        var collected = ConversationFile.Read(CollectedFiles.DemonstrationsPath(folder.Collected)).ToArray();
        var share = Math.Clamp(recipe.FineTune.MaxCollectedShare, 0, 0.99);
        var most = (int)(lessons.Count * share / (1 - share));
        if (collected.Length > most)
        {
            // Drawn: the newest alone would be the taste of one week.
            new Random(recipe.FineTune.Seed).Shuffle(collected);
            collected = collected[..most];
        }

        var (replayed, taught) = (lessons.Count, collected.Length);
        lessons.AddRange(collected);
        new Random(recipe.FineTune.Seed).Shuffle(CollectionsMarshal.AsSpan(lessons));
        ConversationFile.Write(folder.Lessons, lessons);
        return string.Create(CultureInfo.InvariantCulture, $"{replayed:N0} lessons and {taught:N0} rows of demonstrations");
    }

    static async Task<IReadOnlyList<Conversation>> GenerateAsync(
        WeekRecipe recipe, IReadOnlyList<ICourse> courses, CancellationToken cancellationToken)
    {
        var guard = new ExamGuard(courses);
        var plan = new LessonPlan(recipe.FineTune.Seed, guard.Forbids);
        foreach (var entry in recipe.Courses)
        {
            var course = courses.FirstOrDefault(known => known.Name == entry.Name) ?? throw new NoosException(
                ErrorKind.NotFound,
                $"There is no course '{entry.Name}'; the courses are {string.Join(", ", courses.Select(known => known.Name))}.");
            plan.AddGenerated(entry.Name, course.Lessons(new LessonContext(recipe.FineTune.Seed), cancellationToken), entry.Count);
        }

        return await plan.GatherAsync([], cancellationToken);
    }
}
