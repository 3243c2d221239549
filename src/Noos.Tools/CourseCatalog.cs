using Noos.Courses;
using Noos.Courses.Copying;
using Noos.Courses.Facts;
using Noos.Courses.Formats;
using Noos.Courses.Limits;
using Noos.Courses.Passages;
using Noos.Courses.Reading;
using Noos.Courses.Summaries;
using Noos.Courses.Talk;
using Noos.Tools.Browse.Course;
using Noos.Tools.Calculator.Course;
using Noos.Tools.Code.Course;
using Noos.Tools.Files.Course;
using Noos.Tools.Lessons;
using Noos.Tools.Lessons.Chains;
using Noos.Tools.Lessons.Schemas;

namespace Noos.Tools;

/// <summary>All courses.</summary>
public static class CourseCatalog
{
    public static IReadOnlyList<ICourse> All { get; } =
    [
        new CalculatorCourse(), new TalkCourse(), new ReadingCourse(), new CopyingCourse(), new FormatCourse(), new FactCourse(),
        new ToolCourse(), new SchemaCourse(), new ChainCourse(), new SumCourse(), new PassageCourse(), new SummaryCourse(),
        new LimitCourse(), new PageCourse(), new FileCourse(), new CodeCourse(),
    ];

    /// <summary>The course of that name, or null.</summary>
    public static ICourse? Find(string name) => All.FirstOrDefault(course => course.Name == name);
}
