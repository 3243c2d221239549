using Noos.Core.Conversations;
using Noos.Courses.Examinations;
using Noos.Kernel.Agents;
using Noos.Kernel.Tracing;

namespace Noos.Factory.Examinations;

/// <summary>Lets an assistant with its tools sit an examination.</summary>
public static class ExamPlayer
{
    public static ExamRunner For(Assistant assistant) =>
        new((question, cancellationToken) => PlayAsync(assistant, question, cancellationToken));

    static async Task<Conversation> PlayAsync(Assistant assistant, Conversation question, CancellationToken cancellationToken)
    {
        var trace = new Trace();
        await foreach (var item in assistant.AnswerAsync(question, cancellationToken: cancellationToken))
        {
            trace.Add(item);
        }

        return new Conversation([.. question.Messages, .. trace.ToMessages()]);
    }
}
