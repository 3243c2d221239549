using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Courses;
using Noos.Courses.Examinations;

namespace Noos.Factory.Collection;

/// <summary>
/// Finds conversations that show something of an examination: what the courses themselves keep back (<see cref="ExamGuard"/>), and so many
/// words in a row of a question, whoever says them. Thread-safe if the courses are.
/// </summary>
public sealed partial class ExaminationOverlap
{
    readonly ExamGuard _guard;
    readonly HashSet<string> _runs = new(StringComparer.Ordinal);
    readonly int _words;

    /// <param name="courses">All courses.</param>
    /// <param name="words">In a row; a shorter question counts as a whole.</param>
    public ExaminationOverlap(IReadOnlyList<ICourse> courses, int words)
    {
        ArgumentNullException.ThrowIfNull(courses);
        (_guard, _words) = (new ExamGuard(courses), words);
        foreach (var question in courses.SelectMany(course => course.Examination()))
        {
            _runs.UnionWith(Runs(WordsOf(question.Asked)));
        }
    }

    /// <summary>Whether a model that has learned the conversation could answer a question of an examination from memory.</summary>
    public bool IsIn(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return _guard.Forbids(conversation) || conversation.Messages.Any(message => Runs(WordsOf(message.Text())).Any(_runs.Contains));
    }

    IEnumerable<string> Runs(string[] words) =>
        Enumerable.Range(0, Math.Max(0, words.Length - _words + 1)).Select(start => string.Join(' ', words, start, _words));

    static string[] WordsOf(string text) => [.. WordPattern().Matches(text).Select(word => word.Value.ToLowerInvariant())];

    [GeneratedRegex(@"[\p{L}\p{N}]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordPattern();
}
