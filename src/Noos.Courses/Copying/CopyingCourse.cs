using Noos.Core.Conversations;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;

namespace Noos.Courses.Copying;

/// <summary>
/// Teaches to look back: to repeat, to say who has what, to look up pairs, cells and items. What is asked for is random, so that nothing
/// but the question holds the answer.
/// </summary>
public sealed class CopyingCourse : GeneratedCourse
{
    const int ExamSeed = 20_261_201;

    public override string Name => "copying";

    protected override IEnumerable<Conversation> Write(int seed)
    {
        var draw = new Draw(seed, isExamination: false);
        var writer = new CopyingWriter(draw, CopyingPhrases.Lessons);
        while (true)
        {
            var (question, answer) = draw.Index(0, 99) switch
            {
                < 20 => writer.Repeat(),
                < 60 => writer.People(draw.Index(2, 6)),
                < 74 => writer.Pairs(),
                < 88 => writer.Table(),
                _ => writer.Item(),
            };
            yield return Conversation.From(Message.User(Typing.Careless(draw, question, keepsWords: true)), Message.Assistant(answer));
        }
    }

    protected override IReadOnlyList<ExamQuestion> WriteExamination()
    {
        var draw = new Draw(ExamSeed, isExamination: true);
        var writer = new CopyingWriter(draw, CopyingPhrases.Examination);
        var questions = new List<ExamQuestion>();
        Add("repeat", 100, writer.Repeat, answer => new EchoGrader(answer));
        Add("2 people", 100, () => writer.People(2), answer => new SpanGrader(answer));
        Add("4 people", 100, () => writer.People(4), answer => new SpanGrader(answer));
        Add("6 people", 50, () => writer.People(6), answer => new SpanGrader(answer));
        Add("pairs", 50, writer.Pairs, answer => new SpanGrader(answer));
        Add("tables", 50, writer.Table, answer => new SpanGrader(answer));
        Add("lists", 50, writer.Item, answer => new SpanGrader(answer));
        return questions;

        void Add(string group, int count, Func<(string Question, string Answer)> write, Func<string, IGrader> grade)
        {
            for (var index = 0; index < count; index++)
            {
                var (question, answer) = write();
                questions.Add(new ExamQuestion(group, Conversation.From(Message.User(question)), grade(answer)));
            }
        }
    }
}
