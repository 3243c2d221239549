using Noos.Tools.Calculator.Course;
using Noos.Tools.Talk;

namespace Noos.Tools;

/// <summary>All courses.</summary>
public static class Courses
{
    public static IReadOnlyList<ICourse> All { get; } = [new CalculatorCourse(), new TalkCourse()];

    /// <summary>The course of that name, or null.</summary>
    public static ICourse? Find(string name) => All.FirstOrDefault(course => course.Name == name);
}
