namespace Noos.Courses;

/// <summary>
/// What decides the lessons of a course. What a course needs beside it, such as a sandbox or an index, it gets when it is made.
/// </summary>
/// <param name="Seed">The same seed gives the same lessons.</param>
public sealed record LessonContext(int Seed);
