using System.Runtime.CompilerServices;
using Noos.Core.Conversations;

namespace Noos.Courses.Lessons;

/// <summary>Lessons that are written without waiting for anything, in the form that a course gives them.</summary>
public static class LessonSequence
{
    /// <summary>The lessons, until <paramref name="cancellationToken"/> fires.</summary>
    public static async IAsyncEnumerable<Conversation> From(
        IEnumerable<Conversation> lessons, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lessons);
        await Task.CompletedTask;
        foreach (var lesson in lessons)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return lesson;
        }
    }
}
