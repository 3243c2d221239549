using Noos.Core.Conversations;

namespace Noos.Tools.Lessons;

/// <summary>A conversation up to a request, and what is right to do then.</summary>
/// <param name="Group">The part of the examination.</param>
/// <param name="Prompt">All that was said before, the request last.</param>
/// <param name="Call">The right call; null where none is needed.</param>
/// <param name="Result">What the tool answers; null without a call.</param>
/// <param name="Answer">What is said at the end.</param>
sealed record CallLesson(string Group, Conversation Prompt, ToolCallPart? Call, ToolResultPart? Result, string Answer)
{
    /// <summary>What the file of the question holds, where it is read by code: not shown, but the results are true of it.</summary>
    public (string Name, string Content)? File { get; init; }

    /// <summary>A question with a file, as models read it that know no files.</summary>
    /// <param name="file">The name of the file.</param>
    /// <param name="overview">What is shown of it.</param>
    /// <param name="question">What is asked.</param>
    public static Conversation AskAbout(string file, string overview, string question) => Conversation.From(new Message(
        Role.User, [new FilePart(file, file, Text: overview).ToTextPart(), new TextPart(question)]));

    public Conversation ToConversation() => new(Call is null
        ? [.. Prompt.Messages, Message.Assistant(Answer)]
        : [.. Prompt.Messages, Message.Assistant(Call), Message.Tool(Result!), Message.Assistant(Answer)]);
}
