using Noos.Courses;
using Noos.Courses.Talk;
using Noos.Tools.Calculator.Course;

namespace Noos.Tools;

/// <summary>All courses.</summary>
public static class CourseCatalog
{
    public static IReadOnlyList<ICourse> All { get; } = [new CalculatorCourse(), new TalkCourse()];

    /// <summary>The course of that name, or null.</summary>
    public static ICourse? Find(string name) => All.FirstOrDefault(course => course.Name == name);
}
