using Noos.Core.Conversations;

namespace Noos.Courses.Examinations.Graders;

/// <summary>What the assistant answered to the last thing the user said.</summary>
/// <param name="Text">Its last text; empty when it said nothing.</param>
/// <param name="Calls">The calls that led to it, in order.</param>
public sealed record ExamReply(string Text, IReadOnlyList<ToolCallPart> Calls)
{
    /// <summary>The reply at the end of a played conversation.</summary>
    public static ExamReply From(Conversation played)
    {
        ArgumentNullException.ThrowIfNull(played);
        var replies = played.Messages.Reverse().TakeWhile(message => message.Role != Role.User).Reverse()
            .Where(message => message.Role == Role.Assistant).ToList();
        return new ExamReply(
            replies.Count == 0 ? "" : replies[^1].Text(), [.. replies.SelectMany(reply => reply.Parts).OfType<ToolCallPart>()]);
    }
}
