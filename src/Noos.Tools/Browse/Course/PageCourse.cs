using Noos.Courses.Lessons;
using Noos.Courses.Reading;
using Noos.Tools.Lessons;

namespace Noos.Tools.Browse.Course;

/// <summary>
/// Teaches to open pages: the address that was given, a link by its number, the next page of a long text, the page behind the result of a
/// search; to say why a page could not be opened, and to open none whose text is there already.
/// </summary>
public sealed class PageCourse : CallCourse
{
    public override string Name => "pages";

    public override IReadOnlyList<string> Tools => [OpenPageTool.Name, ToolWriter.SearchName];

    private protected override int ExamSeed => 20_261_210;

    private protected override IReadOnlyDictionary<string, int> ExamGroups { get; } = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["address"] = 100,
        ["link"] = 50,
        ["next page"] = 50,
        ["search result"] = 50,
        ["no call"] = 50,
    };

    internal override IEnumerable<CallLesson> WriteLessons(int seed, bool isExamination)
    {
        using var items = ReadingCourse.Items(seed, isExamination).GetEnumerator();
        var writer = new PageWriter(
            new Draw(seed, isExamination), isExamination ? PagePhrases.Examination : PagePhrases.Lessons, items);
        while (true)
        {
            yield return writer.Next();
        }
    }
}
