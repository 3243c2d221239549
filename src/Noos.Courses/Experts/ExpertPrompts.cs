using System.Text.RegularExpressions;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Courses.Copying;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Facts;
using Noos.Courses.Formats;
using Noos.Courses.Lessons;
using Noos.Courses.Reading;
using Noos.Courses.Summaries;
using Noos.Courses.Talk;

namespace Noos.Courses.Experts;

/// <summary>
/// Endless questions with the truth about their answers, from the generators of the courses: what scripted experts compare, and what
/// verifiable rewards are made of. The same seed gives the same. Thread-safe.
/// </summary>
public static partial class ExpertPrompts
{
    const int WordsBeyond = 8;

    static readonly FormatRule s_plain = new(
        "plain", "is plain text", answer => answer.Length > 0 && !MarkupPattern().IsMatch(answer));

    /// <summary>Those that training may use.</summary>
    public static IReadOnlyList<string> Generators { get; } = ["reading", "copying", "formats", "talk"];

    /// <summary>Those that are kept for measuring.</summary>
    public static IReadOnlyList<string> HeldOutGenerators { get; } = ["facts", "summaries"];

    /// <summary>Questions of some generators in turn.</summary>
    /// <param name="seed">Decides them.</param>
    /// <param name="generators">Their names, one as often as another unless it is named again; null: all that training may use.</param>
    /// <param name="isExamination">In the wordings and words that only examinations have; never to be trained on.</param>
    /// <param name="courses">Whose calls <see cref="CallPrompts"/> ask for; null for none.</param>
    /// <exception cref="NoosException">There is no such generator, or no course that it could use (NotFound).</exception>
    public static IEnumerable<ExpertPrompt> Write(
        int seed, IReadOnlyList<string>? generators = null, bool isExamination = false, IReadOnlyList<ICourse>? courses = null)
    {
        var names = generators ?? ["reading", "reading", "reading", "copying", "formats", "formats", "talk"];
        var sequences = names.Distinct().ToDictionary(
            name => name, name => Create(name, seed, isExamination, courses ?? []).GetEnumerator(), StringComparer.Ordinal);
        return Enumerate();

        IEnumerable<ExpertPrompt> Enumerate()
        {
            for (var index = 0L; ; index++)
            {
                var sequence = sequences[names[(int)(index % names.Count)]];
                _ = sequence.MoveNext();
                yield return sequence.Current;
            }
        }
    }

    static IEnumerable<ExpertPrompt> Create(string generator, int seed, bool isExamination, IReadOnlyList<ICourse> courses)
    {
        return generator switch
        {
            "reading" => Reading(seed, isExamination),
            "copying" => Copying(seed, isExamination),
            "formats" => Formats(seed, isExamination),
            "talk" => Talk(seed),
            "facts" => Facts(seed, isExamination),
            "summaries" => Summaries(seed, isExamination),
            CallPrompts.Generator => CallPrompts.Write(courses, seed, isExamination),
            _ => throw new NoosException(
                ErrorKind.NotFound,
                $"There is no generator of questions '{generator}'; there are "
                + $"{string.Join(", ", Generators.Concat(HeldOutGenerators).Append(CallPrompts.Generator))}."),
        };
    }

    static IEnumerable<ExpertPrompt> Reading(int seed, bool isExamination)
    {
        foreach (var item in ReadingCourse.Items(seed, isExamination))
        {
            var source = string.Join('\n', item.Passages);
            var isCited = item.Kind == ReadingKind.Several && item.Answer is not null;
            var mark = $"[{item.Passage + 1}]";
            yield return new ExpertPrompt(
                "reading", Ask(ReadingCourse.Prompt(item)), item.Answer is { } span
                    ? isCited ? $"{span} {mark}" : span
                    : ReadingCourse.Refusal)
            {
                Source = source,
                Right = item.Answer is { } expected
                    ? answer => Says(answer, expected) && !RefusalGrader.IsRefusal(answer)
                    : RefusalGrader.IsRefusal,
                Rules = isCited
                    ? [s_plain, new FormatRule("citation", $"cites {mark}", answer => answer.Contains(mark, StringComparison.Ordinal))]
                    : [s_plain],
                MaxWords = Words(item.Answer ?? ReadingCourse.Refusal) + WordsBeyond,
                WrongAnswers =
                [
                    .. Spans(source).Where(other => item.Answer is null || IsElsewhere(other, item.Answer, item.Question))
                        .Select(other => isCited ? $"{other} {mark}" : other),
                    .. item.Answer is null ? Array.Empty<string>() : [ReadingCourse.Refusal],
                ],
            };
        }
    }

    static IEnumerable<ExpertPrompt> Copying(int seed, bool isExamination)
    {
        var draw = new Draw(seed, isExamination);
        var writer = new CopyingWriter(draw, isExamination ? CopyingPhrases.Examination : CopyingPhrases.Lessons);
        while (true)
        {
            var (question, answer) = draw.Index(0, 3) switch
            {
                0 => writer.Pairs(),
                1 => writer.Table(),
                _ => writer.People(draw.Index(2, 5)),
            };

            // What is said but once is a name or a value; the words around them come again.
            var values = ValuePattern().Matches(question).CountBy(match => match.Value).Where(count => count.Value == 1)
                .Select(count => count.Key).Where(value => value.Length > 2 && IsElsewhere(value, answer, "")).ToArray();
            yield return new ExpertPrompt("copying", Ask(question), answer)
            {
                Source = question,
                Right = said => Says(said, answer),
                Rules = [s_plain],
                MaxWords = Words(answer) + WordsBeyond,
                WrongAnswers = values,
            };
        }
    }

    static IEnumerable<ExpertPrompt> Formats(int seed, bool isExamination)
    {
        var draw = new Draw(seed, isExamination);
        var writer = isExamination
            ? new FormatWriter(draw, FormatContent.Examination, FormatPhrases.Examination)
            : new FormatWriter(draw, FormatContent.Lessons, FormatPhrases.Lessons);
        while (true)
        {
            var item = writer.Next(draw.Pick(FormatWriter.Kinds));
            var topic = item.Topic;
            yield return new ExpertPrompt("formats", Ask(item.Request), item.Answer)
            {
                Right = topic.Count == 0
                    ? null
                    : answer => topic.Any(word => answer.Contains(word, StringComparison.OrdinalIgnoreCase)),
                Rules = s_plain.Holds(item.Answer) ? [.. item.Rules, s_plain] : item.Rules,
                MaxWords = Words(item.Answer) + WordsBeyond,
            };
        }
    }

    static IEnumerable<ExpertPrompt> Talk(int seed)
    {
        foreach (var lesson in new TalkCourse().Lessons(new LessonContext(seed)).ToBlockingEnumerable())
        {
            var answer = lesson.Messages[1].Text();
            yield return new ExpertPrompt("talk", Conversation.From(lesson.Messages[0]), answer)
            {
                Rules = [s_plain],
                MaxWords = Math.Max(40, (2 * Words(answer)) + WordsBeyond),
            };
        }
    }

    static IEnumerable<ExpertPrompt> Facts(int seed, bool isExamination)
    {
        var draw = new Draw(seed, isExamination);
        while (true)
        {
            var relation = draw.Pick(FactRelation.All);
            var fact = draw.Pick(relation.Facts);
            var expected = Asked(relation, fact);
            var others = relation.Facts.Select(other => Asked(relation, other))
                .Where(other => !Says(other, expected) && !Says(expected, other)).Distinct().ToArray();
            yield return new ExpertPrompt(
                "facts", Ask(FactCourse.Say(fact, draw.Pick(isExamination ? relation.ExamQuestions : relation.Questions))),
                FactCourse.Say(fact, draw.Pick(relation.Answers)))
            {
                Right = answer => Says(answer, expected),
                Rules = [s_plain],
                MaxWords = 20,
                WrongAnswers = [.. draw.PickMany(others, 3).Select(Sentences.Capitalize)],
            };
        }

        static string Asked(FactRelation relation, Fact fact) => relation.AsksSubject ? fact.Subject : fact.Object;
    }

    static IEnumerable<ExpertPrompt> Summaries(int seed, bool isExamination)
    {
        var draw = new Draw(seed, isExamination);
        foreach (var (text, subject, summary) in SummaryCourse.Texts(seed, isExamination))
        {
            yield return new ExpertPrompt("summaries", Ask($"{text}\n\n{draw.Pick(SummaryCourse.SentenceRequests)}"), summary)
            {
                Source = text,
                Right = answer => answer.Contains(subject.Trim('"'), StringComparison.OrdinalIgnoreCase),
                Rules = [s_plain, FormatRule.SentenceCount(1)],
                MaxWords = SummaryGrader.MaxWords,
            };
        }
    }

    static Conversation Ask(string question) => Conversation.From(Message.User(question));

    /// <summary>Names and numbers of a text: what a careless reader takes for the answer.</summary>
    static IEnumerable<string> Spans(string text) =>
        SpanPattern().Matches(text).Select(match => match.Value).Where(span => span.Length > 1).Distinct();

    static bool IsElsewhere(string span, string answer, string question) =>
        !Says(answer, span) && !Says(span, answer) && !question.Contains(span, StringComparison.OrdinalIgnoreCase);

    static bool Says(string text, string expected) =>
        $" {SpanGrader.Normalize(text)} ".Contains($" {SpanGrader.Normalize(expected)} ", StringComparison.Ordinal);

    internal static int Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    [GeneratedRegex(@"[*{}<>|#`]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MarkupPattern();

    [GeneratedRegex(@"(?<=[a-z,] )\p{Lu}\p{L}+(?: \p{Lu}\p{L}+)*|\b\d[\d.,:]*\d\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SpanPattern();

    [GeneratedRegex(@"[\p{L}\p{N}]+(?:-\p{N}+)?", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ValuePattern();
}
