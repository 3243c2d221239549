using Noos.Core.Conversations;

namespace Noos.Courses.Examinations.Graders;

/// <summary>The answer is a given text and nothing else; quotation marks around it and its last point do not matter.</summary>
public sealed class EchoGrader(string text) : IGrader
{
    public string Expected => text;

    public string? FindFault(Conversation played)
    {
        var answer = ExamReply.From(played).Text;
        return Bare(answer) == Bare(text) ? null : "the answer is not the same text";
    }

    static string Bare(string text) => text.Trim().Trim('"', '\'', '\u201c', '\u201d').TrimEnd('.').Trim();
}
