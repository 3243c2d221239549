using Noos.Language.Conversations;
using Noos.Tools.Examinations;

namespace Noos.Tools.Talk;

public sealed class TalkCourse : ICourse
{
    public string Name => "talk";

    public IEnumerable<Conversation> Lessons(int seed) => [];

    public IReadOnlyList<ExamQuestion> Examination() => [];
}
