using System.Security.Cryptography;
using System.Text;
using Noos.Core.Conversations;
using Noos.Core.Text;

namespace Noos.Courses.Examinations;

/// <summary>
/// Keeps examinations out of everything that is trained on, whichever course they belong to: of lessons what a course reserves
/// (<see cref="ICourse.GivesAway"/>), of all that comes from elsewhere what holds so many words in a row of a question. Thread-safe if
/// the courses are.
/// </summary>
public sealed class ExamGuard
{
    readonly ICourse[] _courses;
    readonly Lazy<NgramIndex> _index;
    readonly int _words;

    /// <param name="courses">All courses.</param>
    /// <param name="words">Words in a row that nothing may share with a question; a shorter question counts as a whole.</param>
    public ExamGuard(IEnumerable<ICourse> courses, int words = NgramIndex.DefaultLength)
    {
        _courses = [.. courses];
        _words = words;
        _index = new(() => new NgramIndex(Wordings, words));
    }

    /// <summary>What the examinations ask, each on one line, ordered: for who decontaminates elsewhere.</summary>
    public IReadOnlyList<string> Wordings =>
    [
        .. _courses.SelectMany(course => course.Examination()).Select(question => question.Asked.ReplaceLineEndings(" "))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>Names by content what texts are kept from: other questions, or another length of passages, have another one.</summary>
    public string Fingerprint =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Wordings.Prepend($"{_words}")))));

    /// <summary>
    /// Whether a lesson gives away something of an examination, so that it must not be trained on. Lessons and questions of one course
    /// share wordings; which of them may be is the course's to say.
    /// </summary>
    public bool Forbids(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return Array.Exists(_courses, course => course.GivesAway(conversation));
    }

    /// <summary>Whether a conversation from elsewhere holds a passage of an examination.</summary>
    public bool IsQuotedIn(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return conversation.Messages.Any(message => Forbids(message.Text()));
    }

    /// <summary>Whether a text holds a passage of an examination.</summary>
    public bool Forbids(string text) => _index.Value.IsIn(text);
}
