using Noos.Core.Conversations;

namespace Noos.Courses.Examinations.Graders;

/// <summary>No tool is called, and something is said instead.</summary>
public sealed class NoCallGrader : IGrader
{
    public string? FindFault(Conversation played) => ExamReply.From(played) switch
    {
        { Calls: [var call, ..] } => $"called {call.Name} without need",
        { Text: var text } when string.IsNullOrWhiteSpace(text) => "nothing was said",
        _ => null,
    };
}
