using Noos.Core.Conversations;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;
using Noos.Courses.Reading;

namespace Noos.Courses.Passages;

/// <summary>
/// Teaches to answer from passages that people wrote: spans of one or of several numbered passages, spans that contradict what is known,
/// and that the text does not say. Its own passages are few; <see cref="LessonsFrom"/> makes as many of any text.
/// </summary>
public sealed class PassageCourse : GeneratedCourse
{
    const int ExamSeed = 20_261_209;
    const int ReservedEvery = 3;
    const int MinPassage = 160;
    const int MaxPassage = 430;

    static readonly Lazy<string[]> s_found = new(() => [.. Resource.ReadLines("found.txt").Where(line => line.Length > 0)]);

    public override string Name => "passages";

    /// <summary>At most so many lessons of a text: its paragraphs, each with a question.</summary>
    /// <param name="text">Paragraphs with line ends between them.</param>
    /// <param name="seed">Decides them.</param>
    /// <param name="count">How many at most.</param>
    public static IEnumerable<Conversation> LessonsFrom(string text, int seed, int count)
    {
        ArgumentNullException.ThrowIfNull(text);
        var draw = new Draw(seed, isExamination: false);
        string[] passages = [.. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Shorten)
            .Where(passage => passage.Length >= MinPassage)];
        return passages.Length < 2 ? [] : Write(draw, draw.PickMany(passages, count)).Take(count);
    }

    protected override IEnumerable<Conversation> Write(int seed)
    {
        var draw = new Draw(seed, isExamination: false);
        while (true)
        {
            foreach (var lesson in Write(draw, draw.PickMany(Found(isExamination: false), int.MaxValue)))
            {
                yield return lesson;
            }
        }
    }

    protected override IReadOnlyList<ExamQuestion> WriteExamination()
    {
        var draw = new Draw(ExamSeed, isExamination: true);
        var writer = new PassageWriter(draw, PassagePhrases.Examination);
        var found = Found(isExamination: true);
        var questions = new List<ExamQuestion>();
        var asked = new HashSet<string>(StringComparer.Ordinal);
        Add("gap", 50, PassageRule.Gap, 0);
        Add("recurring span", 30, PassageRule.Recurring, 0);
        Add("year", 50, PassageRule.Year, 0);
        Add("next word", 50, PassageRule.NextWord, 0);
        Add("several passages", 50, PassageRule.Year, 1);
        Add("changed", 50, PassageRule.Gap, 0, isChanged: true);
        Add("not in the text", 50, PassageRule.Year, 0, isMissing: true);
        Add("not in several passages", 50, PassageRule.Gap, 1, isMissing: true);
        return questions;

        void Add(string group, int count, PassageRule rule, int others, bool isChanged = false, bool isMissing = false)
        {
            for (var (added, tries) = (0, 0); added < count && tries < 100 * count; tries++)
            {
                var chosen = draw.PickMany(found, 1 + others);
                if (writer.TryWrite(rule, chosen[0], chosen[1..], isChanged, isMissing) is { } item && asked.Add(Prompt(item)))
                {
                    IGrader grader = item.Answer is { } span ? new SpanGrader(span, item.Passage + 1) : new RefusalGrader();
                    questions.Add(new ExamQuestion(group, Conversation.From(Message.User(Prompt(item))), grader));
                    added++;
                }
            }
        }
    }

    static string[] Found(bool isExamination) =>
        [.. s_found.Value.Where((_, index) => index % ReservedEvery == 0 == isExamination)];

    static IEnumerable<Conversation> Write(Draw draw, string[] passages)
    {
        var writer = new PassageWriter(draw, PassagePhrases.Lessons);
        foreach (var passage in passages)
        {
            var rule = draw.Pick(PassageRule.Gap, PassageRule.Gap, PassageRule.Recurring, PassageRule.Year, PassageRule.Year);
            string[] others = draw.Chance(0.4) ? [draw.Pick(passages)] : [];
            var isMissing = rule != PassageRule.Recurring && draw.Chance(0.28);
            if (others is [var other] && other == passage)
            {
                others = [];
            }

            if (writer.TryWrite(rule, passage, others, draw.Chance(0.4), isMissing) is { } item)
            {
                yield return Conversation.From(
                    Message.User(Typing.Careless(draw, Prompt(item), keepsWords: true)), Message.Assistant(Answer(item)));
            }
        }
    }

    static string Prompt(PassageItem item) => (item.Passages.Count > 1
        ? string.Join('\n', item.Passages.Select((passage, index) => $"[{index + 1}] {passage}"))
        : item.Passages[0]) + "\n\n" + item.Question;

    static string Answer(PassageItem item) => item.Answer is not { } span ? ReadingCourse.Refusal
        : item.Passages.Count > 1 ? $"{span} [{item.Passage + 1}]"
        : span;

    /// <summary>The whole sentences at the beginning of a paragraph.</summary>
    static string Shorten(string paragraph)
    {
        if (paragraph.Length <= MaxPassage)
        {
            return paragraph;
        }

        var end = paragraph.LastIndexOf(". ", MaxPassage, StringComparison.Ordinal);
        return end < 0 ? "" : paragraph[..(end + 1)];
    }
}
