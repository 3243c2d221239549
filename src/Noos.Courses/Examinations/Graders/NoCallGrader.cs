using Noos.Core.Conversations;

namespace Noos.Courses.Examinations.Graders;

/// <summary>No tool is called.</summary>
public sealed class NoCallGrader : IGrader
{
    public string? FindFault(Conversation played) =>
        ExamReply.From(played).Calls is [var call, ..] ? $"called {call.Name} without need" : null;
}
