using Noos.Core.Conversations;

namespace Noos.Courses.Examinations.Graders;

/// <summary>Several graders must all pass; the first fault counts.</summary>
public sealed class AllOfGrader(params IReadOnlyList<IGrader> graders) : IGrader
{
    public IReadOnlyList<IGrader> Graders => graders;

    public string? Expected => graders.Select(grader => grader.Expected).FirstOrDefault(expected => expected is not null);

    public string? FindFault(Conversation played) =>
        graders.Select(grader => grader.FindFault(played)).FirstOrDefault(fault => fault is not null);
}
