using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Core.Text;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;

namespace Noos.Courses.Reading;

/// <summary>
/// Teaches to answer from what was read and from nothing else: spans of one passage or of several, with the number of the passage, and that
/// the text does not say. All facts are invented, also those about real countries.
/// </summary>
public sealed partial class ReadingCourse : GeneratedCourse
{
    /// <summary>What is said where a text does not answer.</summary>
    public const string Refusal = "The text does not say.";

    const int ExamSeed = 20_261_130;

    static readonly string[] s_leads =
        ["", "", "", "", "", "", "Read this: ", "Text: ", "Here is a text. ", "Please read: ", "I have this note: ", "Look at this: "];

    static readonly string[] s_questionLeads =
        ["", "", "", "", "", "Question: ", "My question: ", "Answer from the text: ", "Tell me: ", "According to the text, "];

    static readonly Lazy<IReadOnlyList<(ReadingItem Item, ExamQuestion Question)>> s_examination = new(WriteItems);

    static readonly Lazy<FrozenSet<string>> s_names = new(ExamNames);

    public override string Name => "reading";

    /// <summary>The invented names of the examination, and its very questions.</summary>
    public override bool GivesAway(Conversation lesson)
    {
        ArgumentNullException.ThrowIfNull(lesson);
        return base.GivesAway(lesson) || lesson.Messages.Any(message =>
            WordPattern().EnumerateMatches(message.Text()) is var words && AnyIsName(words, message.Text()));
    }

    /// <summary>Endless passages with a question each, half of them of several passages; the same seed gives the same.</summary>
    /// <param name="seed">Decides them.</param>
    /// <param name="isExamination">Of the topics, wordings and words of examinations instead of those of lessons.</param>
    public static IEnumerable<ReadingItem> Items(int seed, bool isExamination)
    {
        var draw = new Draw(seed, isExamination);
        var writer = new ReadingWriter(draw, isExamination ? ReadingScript.Examination : ReadingScript.Lessons);
        while (true)
        {
            yield return writer.Next(draw.Pick(ReadingKind.Prose, ReadingKind.Several), isAnswerable: draw.Chance(0.7));
        }
    }

    /// <summary>The passages and the question as a user writes them.</summary>
    internal static string Prompt(ReadingItem item, string lead = "", string questionLead = "") => lead
        + (item.Kind == ReadingKind.Several
            ? string.Join('\n', item.Passages.Select((passage, index) => $"[{index + 1}] {passage}"))
            : item.Passages[0])
        + "\n\n" + (questionLead.EndsWith(", ", StringComparison.Ordinal)
            ? questionLead + char.ToLowerInvariant(item.Question[0]) + item.Question[1..]
            : questionLead + item.Question);

    static string Answer(ReadingItem item) => item.Answer is not { } span ? Refusal
        : item.Kind == ReadingKind.Several ? $"{span} [{item.Passage + 1}]"
        : span;

    protected override IEnumerable<Conversation> Write(int seed)
    {
        var draw = new Draw(seed, isExamination: false);
        var writer = new ReadingWriter(draw, ReadingScript.Lessons);
        while (true)
        {
            var kind = draw.Pick(ReadingKind.Prose, ReadingKind.Prose, ReadingKind.Card, ReadingKind.Several, ReadingKind.Several);
            var item = writer.Next(kind, isAnswerable: draw.Chance(0.72));
            yield return Conversation.From(
                Message.User(Typing.Careless(draw, Prompt(item, draw.Pick(s_leads), draw.Pick(s_questionLeads)), keepsWords: true)),
                Message.Assistant(Answer(item)));
        }
    }

    protected override IReadOnlyList<ExamQuestion> WriteExamination() => [.. s_examination.Value.Select(entry => entry.Question)];

    static List<(ReadingItem Item, ExamQuestion Question)> WriteItems()
    {
        var draw = new Draw(ExamSeed, isExamination: true);
        var writer = new ReadingWriter(draw, ReadingScript.Examination);
        var questions = new List<(ReadingItem, ExamQuestion)>();
        Add("one passage", 85, ReadingKind.Prose, isAnswerable: true);
        Add("card", 80, ReadingKind.Card, isAnswerable: true);
        Add("several passages", 85, ReadingKind.Several, isAnswerable: true);
        Add("not in one passage", 85, ReadingKind.Prose, isAnswerable: false);
        Add("not on the card", 80, ReadingKind.Card, isAnswerable: false);
        Add("not in several passages", 85, ReadingKind.Several, isAnswerable: false);
        return questions;

        void Add(string group, int count, ReadingKind kind, bool isAnswerable)
        {
            for (var index = 0; index < count; index++)
            {
                var item = writer.Next(kind, isAnswerable,
                    ReadingScript.Examination.Topics[index % ReadingScript.Examination.Topics.Count]);
                IGrader grader = item.Answer is { } span ? new SpanGrader(span, item.Passage + 1) : new RefusalGrader();
                questions.Add((item, new ExamQuestion(group, Conversation.From(Message.User(Prompt(item))), grader)));
            }
        }
    }

    static FrozenSet<string> ExamNames()
    {
        var known = Resource.ReadLines("words.txt").ToHashSet(StringComparer.OrdinalIgnoreCase);
        return s_examination.Value.SelectMany(entry => entry.Item.Subjects)
            .SelectMany(subject => WordPattern().Matches(subject).Select(match => match.Value))
            .Where(word => word.Length > 3 && InventedWords.IsReserved(word) && !known.Contains(word))
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    static bool AnyIsName(Regex.ValueMatchEnumerator words, string text)
    {
        var names = s_names.Value.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var word in words)
        {
            if (names.Contains(text.AsSpan(word.Index, word.Length)))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(@"\p{L}+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordPattern();
}
