using Noos.Core.Conversations;
using Noos.Courses.Copying;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Facts;
using Noos.Courses.Formats;
using Noos.Courses.Limits;
using Noos.Courses.Passages;
using Noos.Courses.Reading;
using Noos.Courses.Summaries;
using Noos.Courses.Talk;

namespace Noos.Courses.Tests.Courses;

/// <summary>What holds for every course whose lessons are made by rules.</summary>
public sealed class GeneratedCourseTests
{
    const int Sample = 4_000;

    static readonly ICourse[] s_all =
    [
        new ReadingCourse(), new CopyingCourse(), new FormatCourse(), new FactCourse(), new PassageCourse(), new SummaryCourse(),
        new LimitCourse(),
    ];

    public static TheoryData<string> Names => [.. s_all.Select(course => course.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Lessons_are_the_same_for_the_same_seed_and_varied(string name)
    {
        var course = Find(name);

        Assert.Equal(await LessonsAsync(course, 5, 100), await LessonsAsync(course, 5, 100));
        Assert.NotEqual(await LessonsAsync(course, 5, 100), await LessonsAsync(course, 6, 100));
        var lessons = await LessonsAsync(course, 1, Sample);

        // What cannot be done is no endless list.
        var least = course is LimitCourse ? Sample / 8 : Sample / 2;
        Assert.InRange(lessons.Select(lesson => lesson.Messages[0].Text()).Distinct(StringComparer.Ordinal).Count(), least, Sample);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Lessons_are_whole_short_turns_without_open_slots(string name)
    {
        foreach (var lesson in await LessonsAsync(Find(name), 2, Sample))
        {
            Assert.Equal(0, lesson.Messages.Count % 2);
            Assert.All(lesson.Messages, message =>
            {
                Assert.InRange(message.Text().Length, 1, 1300);
                Assert.DoesNotMatch(@"\{\w", message.Text());
            });
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task No_lesson_of_any_course_gives_away_the_examination(string name)
    {
        var course = Find(name);
        var asked = course.Examination().Select(question =>
            question.Prompt.Messages[^1].Text()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var guard = new ExamGuard(s_all);

        Assert.All(course.Examination(), question => Assert.True(guard.Forbids(question.Prompt), question.Prompt.Messages[^1].Text()));
        var given = 0;
        foreach (var other in s_all.Append(new TalkCourse()))
        {
            foreach (var lesson in await LessonsAsync(other, 3, Sample))
            {
                given += course.GivesAway(lesson) ? 1 : 0;
                Assert.All(lesson.Messages, message => Assert.DoesNotContain(message.Text(), asked));
            }
        }

        // The guard takes out what chance puts in; were it much, lessons and examination would have something in common.
        Assert.InRange(given, 0, Sample / 20);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Examination_is_always_the_same_and_can_be_passed(string name)
    {
        var (questions, again) = (Find(name).Examination(), Find(name).Examination());

        Assert.Equal(questions.Select(question => question.Prompt), again.Select(question => question.Prompt));
        Assert.InRange(questions.Count, 200, 600);
        foreach (var question in questions.Where(question => question.Grader.Expected is not null))
        {
            var answer = question.Grader is RefusalGrader ? ReadingCourse.Refusal : question.Grader.Expected!;
            Assert.Null(Fault(question, answer));
            Assert.NotNull(Fault(question, "I am not sure what you mean."));
        }
    }

    [Fact]
    public async Task Reading_answers_are_spans_of_the_text_or_say_that_it_does_not_say()
    {
        var refusals = 0;
        var lessons = await LessonsAsync(new ReadingCourse(), 4, Sample);
        foreach (var lesson in lessons)
        {
            var (text, answer) = (lesson.Messages[0].Text(), lesson.Messages[1].Text());
            if (answer == ReadingCourse.Refusal)
            {
                refusals++;
                continue;
            }

            var passages = text[..text.LastIndexOf("\n\n", StringComparison.Ordinal)];
            var number = answer[^1] == ']' ? answer[(answer.LastIndexOf('[') + 1)..^1] : null;
            var span = number is null ? answer : answer[..answer.LastIndexOf(" [", StringComparison.Ordinal)];
            var passage = number is null ? passages : passages.Split('\n').Single(line =>
                line.Contains($"[{number}] ", StringComparison.Ordinal));
            Assert.Contains(span, passage, StringComparison.Ordinal);
        }

        Assert.InRange((double)refusals / lessons.Count, 0.22, 0.34);
    }

    [Fact]
    public void Reading_examination_has_other_topics_and_wordings_than_the_lessons()
    {
        var (lessons, exam) = (ReadingScript.Lessons, ReadingScript.Examination);

        Assert.Empty(lessons.Topics.Select(topic => topic.Name).Intersect(exam.Topics.Select(topic => topic.Name)));
        Assert.Empty(Questions(lessons).Intersect(Questions(exam), StringComparer.OrdinalIgnoreCase));
        Assert.Empty(Sentences(lessons).Intersect(Sentences(exam), StringComparer.OrdinalIgnoreCase));
        Assert.All(lessons.Topics.Concat(exam.Topics), topic =>
            Assert.True(topic.Fields.Count >= 5 && topic.Subjects.Count > 0, topic.Name));
        Assert.All(lessons.Topics.Concat(exam.Topics).SelectMany(topic => topic.Fields), field => Assert.True(
            field.Questions.Count > 0 && field.Sentences.Exists(sentence => !sentence.StartsWith("{v}", StringComparison.Ordinal))
            && field.Sentences.TrueForAll(sentence => sentence.Contains("{v}", StringComparison.Ordinal)), field.Label));

        static IEnumerable<string> Questions(ReadingScript script) =>
            script.Topics.SelectMany(topic => topic.Fields).SelectMany(field => field.Questions.Concat(field.SubjectQuestions));

        static IEnumerable<string> Sentences(ReadingScript script) =>
            script.Topics.SelectMany(topic => topic.Fields).SelectMany(field => field.Sentences);
    }

    [Fact]
    public void Half_of_the_reading_examination_cannot_be_answered()
    {
        var questions = new ReadingCourse().Examination();

        Assert.Equal(500, questions.Count);
        Assert.Equal(250, questions.Count(question => question.Grader is RefusalGrader));
    }

    [Fact]
    public async Task Passage_answers_stand_in_their_passage_and_not_in_others()
    {
        var refusals = 0;
        var lessons = await LessonsAsync(new PassageCourse(), 4, Sample);
        foreach (var lesson in lessons)
        {
            var (text, answer) = (lesson.Messages[0].Text(), lesson.Messages[1].Text());
            if (answer == ReadingCourse.Refusal)
            {
                refusals++;
                continue;
            }

            var passages = text[..text.LastIndexOf("\n\n", StringComparison.Ordinal)].Split('\n');
            var span = answer[^1] == ']' ? answer[..answer.LastIndexOf(" [", StringComparison.Ordinal)] : answer;
            Assert.Single(passages, passage => passage.Contains(span, StringComparison.Ordinal));
            Assert.Equal(passages.Length > 1, answer[^1] == ']');
        }

        Assert.InRange((double)refusals / lessons.Count, 0.1, 0.34);
    }

    [Fact]
    public void Passages_of_a_text_are_asked_about_without_end_marks_of_others()
    {
        var text = string.Join('\n', Enumerable.Range(1, 6).Select(number =>
            $"The town council met in Brenford in 18{number}1. It was led by the mayor Alder Quill and by {number}5 members of the guild. "
            + $"Since 19{number}4, the old hall has been a museum with 3{number}0 rooms and a garden that people from Brenford like."));

        var lessons = PassageCourse.LessonsFrom(text, seed: 1, count: 4).ToArray();

        Assert.Equal(lessons, PassageCourse.LessonsFrom(text, seed: 1, count: 4));
        Assert.InRange(lessons.Length, 2, 4);
        Assert.Empty(PassageCourse.LessonsFrom("Too short.", seed: 1, count: 4));
    }

    [Theory]
    [InlineData("Brenford is an old town on the river.", true)]
    [InlineData("It is about Brenford.", true)]
    [InlineData("It is an old town on the river.", false)]
    [InlineData("Brenford has a king, a castle, dragons and seven hundred ghosts.", false)]
    [InlineData("", false)]
    public void Summary_grader_wants_the_subject_and_the_words_of_the_text(string answer, bool passes) => Assert.Equal(passes,
        new SummaryGrader("Brenford is an old town on the river. It has a market.", "Brenford")
            .FindFault(Played(Conversation.From(Message.User("Sum it up.")), answer)) is null);

    [Fact]
    public async Task Limits_are_told_of_in_every_answer_to_what_cannot_be_done_and_nowhere_else()
    {
        var possible = LimitPhrases.Possible.Select(pair => pair.Answer).ToHashSet(StringComparer.Ordinal);
        foreach (var lesson in await LessonsAsync(new LimitCourse(), 4, Sample))
        {
            Assert.Null(new InabilityGrader(!possible.Contains(lesson.Messages[1].Text())).FindFault(lesson));
        }
    }

    [Fact]
    public async Task Copying_answers_stand_in_the_question()
    {
        foreach (var lesson in await LessonsAsync(new CopyingCourse(), 4, Sample))
        {
            Assert.Contains(lesson.Messages[1].Text().TrimEnd('.'), lesson.Messages[0].Text(), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Formats_are_kept_by_every_lesson_and_told_from_other_answers()
    {
        var items = FormatCourse.Items(1).Take(Sample).ToArray();

        Assert.All(items, item => Assert.All(item.Rules, rule =>
            Assert.True(rule.Holds(item.Answer), $"{item.Request} -> {item.Answer}: {rule.Name}")));
        Assert.Equal(FormatWriter.Kinds.Count, new FormatCourse().Examination().Select(question => question.Group).Distinct().Count());
        Assert.False(FormatRule.Items(3).Holds("red and blue"));
        Assert.True(FormatRule.Items(3).Holds("Red, blue, and green."));
        Assert.False(FormatRule.NumberedList(2).Holds("1. a\n1. b"));
        Assert.False(FormatRule.Json("a").Holds("{\"b\": 1}"));
        Assert.False(FormatRule.Upper.Holds("Red"));
        Assert.False(FormatRule.SentenceCount(2).Holds("One."));
        Assert.True(FormatRule.SentenceCount(2).Holds("It costs 3.5 dollars. Yes!"));
        Assert.False(FormatRule.YesOrNo(true).Holds("No"));
        Assert.False(FormatRule.MaxWords(2).Holds("one two three"));
    }

    [Theory]
    [InlineData("The answer is 1,234 euros.", "1234 euros", true)]
    [InlineData("the Dorin [2]", "The Dorin", true)]
    [InlineData("Dorina", "Dorin", false)]
    [InlineData("The text does not say, but maybe Dorin.", "Dorin", false)]
    [InlineData("Dorin is a town where many people live and go to the market on each and every Monday.", "Dorin", false)]
    public void Span_grader_looks_at_words(string answer, string span, bool passes) => Assert.Equal(
        passes, new SpanGrader(span).FindFault(Played(Conversation.From(Message.User("Where?")), answer)) is null);

    [Theory]
    [InlineData("The text does not say.", true)]
    [InlineData("That is not mentioned in the text.", true)]
    [InlineData("I could not find that.", true)]
    [InlineData("The text doesn't tell.", true)]
    [InlineData("In Dorin.", false)]
    [InlineData("", false)]
    public void Refusal_grader_knows_many_words(string answer, bool passes) => Assert.Equal(
        passes, new RefusalGrader().FindFault(Played(Conversation.From(Message.User("Where?")), answer)) is null);

    [Fact]
    public void Span_grader_wants_the_right_passage_where_one_is_cited()
    {
        var question = Conversation.From(Message.User("Where?"));

        Assert.Null(new SpanGrader("Dorin", 2).FindFault(Played(question, "Dorin [2]")));
        Assert.Null(new SpanGrader("Dorin", 2).FindFault(Played(question, "Dorin")));
        Assert.NotNull(new SpanGrader("Dorin", 2).FindFault(Played(question, "Dorin [1]")));
    }

    static ICourse Find(string name) => s_all.Single(course => course.Name == name);

    static string? Fault(ExamQuestion question, string answer) => question.Grader is AllOfGrader { Graders: [_, SpanGrader span] }
        ? span.FindFault(Played(question.Prompt, answer))
        : question.Grader.FindFault(Played(question.Prompt, answer));

    static Conversation Played(Conversation question, string answer) =>
        new([.. question.Messages, Message.Assistant(answer)]);

    static async Task<List<Conversation>> LessonsAsync(ICourse course, int seed, int count) =>
        await course.Lessons(new LessonContext(seed)).Take(count).ToListAsync(TestContext.Current.CancellationToken);
}
