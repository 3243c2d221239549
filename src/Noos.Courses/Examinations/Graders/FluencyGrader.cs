using Noos.Core.Conversations;

namespace Noos.Courses.Examinations.Graders;

/// <summary>The answer is well-formed simple English; see <see cref="Fluency"/>.</summary>
public sealed class FluencyGrader : IGrader
{
    public string? FindFault(Conversation played) => Fluency.FindFault(ExamReply.From(played).Text);
}
