using Noos.Core.Conversations;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;

namespace Noos.Courses.Limits;

/// <summary>
/// Teaches to say what a small model cannot do, with an offer of what it can: programs, translations, long texts, pictures, deeds in the
/// world, the future, advice that needs an expert. The examination asks for other things of these kinds, and for things beside them that it
/// can do, where a refusal is wrong.
/// </summary>
public sealed class LimitCourse : GeneratedCourse
{
    const int ExamSeed = 20_261_207;
    const int QuestionsPerKind = 36;

    public override string Name => "limits";

    protected override IEnumerable<Conversation> Write(int seed)
    {
        var draw = new Draw(seed, isExamination: false);
        while (true)
        {
            if (draw.Chance(0.25))
            {
                // Beside what it cannot do stands what it can: else everything that looks alike is refused.
                var (request, answer) = draw.Pick(LimitPhrases.Possible);
                yield return Say(request, answer);
                continue;
            }

            var kind = draw.Pick(LimitPhrases.Lessons);
            yield return Say(Fill(draw, draw.Pick(kind.Requests), kind.Things), draw.Pick(kind.Answers));
        }

        Conversation Say(string request, string answer) =>
            Conversation.From(Message.User(Typing.Careless(draw, request)), Message.Assistant(answer));
    }

    protected override IReadOnlyList<ExamQuestion> WriteExamination()
    {
        var draw = new Draw(ExamSeed, isExamination: true);
        var questions = new List<ExamQuestion>();
        foreach (var kind in LimitPhrases.Examination)
        {
            var asked = new HashSet<string>(StringComparer.Ordinal);
            for (var tries = 0; asked.Count < QuestionsPerKind && tries < 100 * QuestionsPerKind; tries++)
            {
                if (Fill(draw, draw.Pick(kind.Requests), kind.Things) is var request && asked.Add(request))
                {
                    questions.Add(new ExamQuestion(
                        kind.Name, Conversation.From(Message.User(request)),
                        new AllOfGrader(new NoCallGrader(), new InabilityGrader(isExpected: true))));
                }
            }
        }

        questions.AddRange(LimitPhrases.PossibleInExamination.Select(request => new ExamQuestion(
            "can do", Conversation.From(Message.User(request)), new InabilityGrader(isExpected: false))));
        return questions;
    }

    static string Fill(Draw draw, string template, IReadOnlyList<string> things) => Sentences.Capitalize(
        template.Replace("{t}", draw.Pick(things), StringComparison.Ordinal).Replace("{w}", draw.InventedName(), StringComparison.Ordinal));
}
