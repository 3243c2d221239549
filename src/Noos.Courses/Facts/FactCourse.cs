using Noos.Core.Conversations;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;

namespace Noos.Courses.Facts;

/// <summary>
/// The core of facts that a small model knows by heart, in many wordings: capitals, kinds of things, opposites, what comes next, units.
/// The examination asks for the same facts in wordings that no lesson has.
/// </summary>
public sealed class FactCourse : GeneratedCourse
{
    const int ExamSeed = 20_261_203;
    const int QuestionsPerRelation = 12;

    public override string Name => "facts";

    protected override IEnumerable<Conversation> Write(int seed)
    {
        var draw = new Draw(seed, isExamination: false);

        // Each fact as often as any other, whatever the size of its relation.
        var facts = FactRelation.All.SelectMany(relation => relation.Facts.Select(fact => (relation, fact))).ToArray();
        while (true)
        {
            var messages = new List<Message>();
            for (var rounds = draw.Pick(1, 1, 1, 2, 3); rounds > 0; rounds--)
            {
                var (relation, fact) = draw.Pick(facts);
                messages.Add(Message.User(Typing.Careless(draw, Say(fact, draw.Pick(relation.Questions)))));
                messages.Add(Message.Assistant(Say(fact, draw.Pick(relation.Answers))));
            }

            yield return new Conversation(messages);
        }
    }

    protected override IReadOnlyList<ExamQuestion> WriteExamination()
    {
        var draw = new Draw(ExamSeed, isExamination: true);
        var questions = new List<ExamQuestion>();
        foreach (var relation in FactRelation.All)
        {
            foreach (var fact in draw.PickMany(relation.Facts, QuestionsPerRelation))
            {
                var expected = relation.AsksSubject ? fact.Subject : fact.Object;
                questions.Add(new ExamQuestion(
                    relation.Name, Conversation.From(Message.User(Say(fact, draw.Pick(relation.ExamQuestions)))),
                    new AllOfGrader(new NoCallGrader(), new SpanGrader(expected))));
            }
        }

        return questions;
    }

    internal static string Say(Fact fact, string wording) =>
        Sentences.Capitalize(Slots.CorrectArticles(fact.Fill(wording)));
}
