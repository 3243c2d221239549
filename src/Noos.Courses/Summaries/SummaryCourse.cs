using Noos.Core.Conversations;
using Noos.Courses.Examinations;
using Noos.Courses.Lessons;
using Noos.Courses.Reading;

namespace Noos.Courses.Summaries;

/// <summary>
/// Teaches short summaries: one sentence in the words of the text, which names whom it is about, or whom alone. All texts are invented.
/// </summary>
public sealed class SummaryCourse : GeneratedCourse
{
    const int ExamSeed = 20_261_208;
    const int QuestionsPerKind = 100;

    static readonly string[] s_sentenceRequests =
    [
        "Summarize this in one sentence.", "Sum this up in one sentence.", "Give me a short summary.", "What does the text say, in short?",
        "Make it short.", "Summarize the text.", "Shorten this to one sentence.", "One sentence, please: what is said here?",
        "A short version, please.", "Summary?", "Tell me the main point.",
    ];

    static readonly string[] s_subjectRequests =
        ["Who or what is the text about?", "What is it about?", "Name the subject of the text.", "What is the topic?",
            "Whom or what is this about?"];

    static readonly string[] s_examSentenceRequests =
        ["Condense the passage into a single sentence.", "In brief, what do we learn here?",
            "Boil this down to the most important sentence."];

    static readonly string[] s_examSubjectRequests = ["Of whom or what does the passage speak?",
        "Give the passage's subject, nothing else."];

    public override string Name => "summaries";

    /// <summary>Requests for one sentence, in the wordings of lessons.</summary>
    internal static IReadOnlyList<string> SentenceRequests => s_sentenceRequests;

    protected override IEnumerable<Conversation> Write(int seed)
    {
        var draw = new Draw(seed, isExamination: false);
        foreach (var (text, subject, summary) in Texts(seed, isExamination: false))
        {
            var (request, answer) = draw.Chance(0.7)
                ? (draw.Pick(s_sentenceRequests), summary)
                : (draw.Pick(s_subjectRequests), $"It is about {subject}.");
            yield return Conversation.From(
                Message.User(draw.Chance(0.3) ? $"{request}\n\n{text}" : $"{text}\n\n{request}"), Message.Assistant(answer));
        }
    }

    protected override IReadOnlyList<ExamQuestion> WriteExamination()
    {
        var draw = new Draw(ExamSeed, isExamination: true);
        var texts = Texts(ExamSeed, isExamination: true).Take(2 * QuestionsPerKind).ToArray();
        return [.. texts.Select((item, index) => index < QuestionsPerKind
            ? Ask("one sentence", item, draw.Pick(s_examSentenceRequests), new SummaryGrader(item.Text, item.Subject))
            : Ask("subject", item, draw.Pick(s_examSubjectRequests), new SummaryGrader(item.Text, item.Subject)))];

        static ExamQuestion Ask(
            string group, (string Text, string Subject, string Summary) item, string request, SummaryGrader grader) =>
            new(group, Conversation.From(Message.User($"{item.Text}\n\n{request}")), grader);
    }

    /// <summary>Passages of at least two sentences about one subject, and the first sentence that names it.</summary>
    internal static IEnumerable<(string Text, string Subject, string Summary)> Texts(int seed, bool isExamination)
    {
        foreach (var item in ReadingCourse.Items(seed,
            isExamination).Where(item => item.Kind == ReadingKind.Prose && item.Answer is not null))
        {
            var (text, subject) = (item.Passages[0], item.Subjects[0]);

            // The writer ends each sentence with a full stop and begins the next with a capital letter.
            var sentences = text.Split(". ");
            var lead = Array.Find(sentences, sentence => sentence.Contains(subject, StringComparison.OrdinalIgnoreCase));
            if (sentences.Length > 1 && lead is not null && lead.Split(' ').Length is > 3 and <= SummaryGrader.MaxWords)
            {
                yield return (text, subject, lead.TrimEnd('.') + ".");
            }
        }
    }
}
