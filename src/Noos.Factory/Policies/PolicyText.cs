using System.Globalization;
using Noos.Core;
using Noos.Corpus.Conversations;
using Noos.Corpus.Rows;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Factory.Models;
using Noos.Factory.Stages;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Factory.Policies;

/// <summary>Conversations that a policy goes on learning beside its own answers, so that it does not forget them.</summary>
public sealed class PolicyText : IRowSource
{
    readonly PackedConversations _rows;

    PolicyText(PackedConversations rows, string name) => (_rows, Name) = (rows, name);

    /// <summary>Names them by content.</summary>
    public string Name { get; }

    /// <summary>Conversations of a file, such as those of a fine-tuning.</summary>
    /// <exception cref="NoosException">It cannot be read, or none of them fits.</exception>
    public static PolicyText FromFile(string path, TrainableModel model, int seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        var rows = new ConversationRows(ConversationFile.Read(path), model.Format, model.Config.ContextLength + 1, (ulong)seed);
        return new PolicyText(new PackedConversations(rows), $"{PackedConversations.FileHash(path)} {seed}");
    }

    /// <summary>Lessons of some courses, made now.</summary>
    /// <param name="courses">All courses; the examinations of all of them are kept out.</param>
    /// <param name="taught">Whose lessons.</param>
    /// <param name="count">Lessons of each.</param>
    /// <param name="model">The policy.</param>
    /// <param name="seed">Decides them.</param>
    public static PolicyText FromLessons(
        IReadOnlyList<ICourse> courses, IEnumerable<ICourse> taught, int count, TrainableModel model, int seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        var guard = new ExamGuard(courses);
        var named = taught.ToArray();
        var lessons = named.SelectMany(course => course.Lessons(new LessonContext(seed)).Where(lesson => !guard.Forbids(lesson)).Take(count)
            .ToBlockingEnumerable());
        var rows = new ConversationRows(lessons, model.Format, model.Config.ContextLength + 1, (ulong)seed);
        return new PolicyText(new PackedConversations(rows), string.Create(
            CultureInfo.InvariantCulture, $"lessons {string.Join(',', named.Select(course => course.Name))} {count} {seed}"));
    }

    public TrainingRow Read(long index) => _rows.Read(index);
}
