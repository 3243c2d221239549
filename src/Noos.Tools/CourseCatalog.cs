using Noos.Courses;
using Noos.Courses.Copying;
using Noos.Courses.Facts;
using Noos.Courses.Formats;
using Noos.Courses.Reading;
using Noos.Courses.Talk;
using Noos.Tools.Calculator.Course;
using Noos.Tools.Lessons;

namespace Noos.Tools;

/// <summary>All courses.</summary>
public static class CourseCatalog
{
    public static IReadOnlyList<ICourse> All { get; } =
    [
        new CalculatorCourse(), new TalkCourse(), new ReadingCourse(), new CopyingCourse(), new FormatCourse(), new FactCourse(),
        new ToolCourse(),
    ];

    /// <summary>The course of that name, or null.</summary>
    public static ICourse? Find(string name) => All.FirstOrDefault(course => course.Name == name);
}
