using Noos.Core.Conversations;
using Noos.Courses.Examinations;
using Noos.Courses.Lessons;

namespace Noos.Courses.Formats;

/// <summary>
/// Teaches to answer in the form that is asked for: so many things or sentences, capital letters, JSON, lists, beginnings, yes or no. Each
/// form has a checker (<see cref="FormatRule"/>) that lessons, examination and rewards share.
/// </summary>
public sealed class FormatCourse : GeneratedCourse
{
    const int ExamSeed = 20_261_202;
    const int QuestionsPerKind = 20;

    public override string Name => "formats";

    internal static IEnumerable<FormatItem> Items(int seed)
    {
        var draw = new Draw(seed, isExamination: false);
        var writer = new FormatWriter(draw, FormatContent.Lessons, FormatPhrases.Lessons);
        while (true)
        {
            yield return writer.Next(draw.Pick(FormatWriter.Kinds));
        }
    }

    protected override IEnumerable<Conversation> Write(int seed) =>
        Items(seed).Select(item => Conversation.From(Message.User(item.Request), Message.Assistant(item.Answer)));

    protected override IReadOnlyList<ExamQuestion> WriteExamination()
    {
        var draw = new Draw(ExamSeed, isExamination: true);
        var writer = new FormatWriter(draw, FormatContent.Examination, FormatPhrases.Examination);
        var questions = new List<ExamQuestion>();
        var asked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var kind in FormatWriter.Kinds)
        {
            for (var (added, tries) = (0, 0); added < QuestionsPerKind && tries < 50 * QuestionsPerKind; tries++)
            {
                var item = writer.Next(kind);
                if (asked.Add(item.Request))
                {
                    questions.Add(new ExamQuestion(
                        kind, Conversation.From(Message.User(item.Request)), new FormatGrader(item.Rules)));
                    added++;
                }
            }
        }

        return questions;
    }
}
