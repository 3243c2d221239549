using System.Globalization;
using Noos.Core;
using Noos.Corpus.Conversations;
using Noos.Corpus.Documents;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Courses.Passages;
using Noos.Factory.Recipes;

namespace Noos.Factory.Stages;

/// <summary>
/// Collects what the assistant is to learn: lessons of the courses and conversations of public sets, no examination among them.
/// </summary>
/// <param name="folder">The file of lessons goes there.</param>
/// <param name="dataFolder">Holds the conversation sets.</param>
/// <param name="courses">All courses; the examinations of all of them are kept out of the lessons.</param>
public sealed class LessonsStage(RecipeFolder folder, string dataFolder, IReadOnlyList<ICourse> courses) : IStage
{
    const int LessonsPerText = 6;

    // Sets whose rows are texts: their paragraphs are asked about.
    static readonly string[] s_foundTexts = ["wikipedia", "graded-news", "textbooks", "african-stories"];

    public string Name => "lessons";

    public IReadOnlyList<string> Inputs => [];

    public IReadOnlyList<string> Outputs => [folder.Lessons];

    public StageKey Key(Recipe recipe) => StageKey.From(recipe.Lessons, recipe.Lessons.Sets.Select(set => set.PathIn(dataFolder)));

    public async Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var lessons = context.Recipe.Lessons;
        var guard = new ExamGuard(courses);
        var seen = 0L;
        var plan = new LessonPlan(lessons.Seed, lesson =>
        {
            // The only place that every conversation comes by.
            cancellationToken.ThrowIfCancellationRequested();
            if (++seen % 1024 == 0)
            {
                context.Progress?.Report(new StageProgress(Name, StageState.Running) { Done = seen, Unit = "conversations" });
            }

            return guard.Forbids(lesson);
        });
        foreach (var entry in lessons.Courses)
        {
            var course = courses.FirstOrDefault(known => known.Name == entry.Name) ?? throw new NoosException(
                ErrorKind.NotFound,
                $"There is no course '{entry.Name}'; the courses are {string.Join(", ", courses.Select(known => known.Name))}.");
            plan.AddGenerated(entry.Name, course.Lessons(new LessonContext(lessons.Seed), cancellationToken), entry.Count);
        }

        // The sums of word problems are calls of our calculator.
        var sources = ConversationSourceRegistry.CreateDefault()
            .Add(new ConversationSource("svamp", new WordProblemConverter("calculator", "expression").Convert));
        foreach (var name in s_foundTexts)
        {
            sources.Add(new ConversationSource(name, row => PassageCourse.LessonsFrom(
                row.OptionalText("text") ?? "", unchecked((lessons.Seed * 31) + row.Line), LessonsPerText)));
        }

        foreach (var entry in lessons.Sets)
        {
            var conversations = sources.Get(entry.Name).ReadLessonsAsync(
                entry.PathIn(dataFolder), new DocumentOrigin(entry.Name, entry.Path), cancellationToken);
            plan.AddSet(entry.Name, conversations, entry.Count, entry.Passes);
        }

        Directory.CreateDirectory(folder.Root);
        foreach (var count in await plan.WriteAsync(folder.Lessons, cancellationToken))
        {
            context.Progress?.Report(new StageProgress(Name, StageState.Running)
            {
                Note = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{count.Name}: {count.Written:N0} conversations ({count.Duplicates:N0} duplicates and {count.Forbidden:N0} of "
                    + $"examinations left out)"),
            });
        }
    }
}
