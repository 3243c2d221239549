using Noos.Core.Conversations;
using Noos.Courses.Examinations;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Tracing;

namespace Noos.Factory.Examinations;

/// <summary>Lets an assistant with its tools sit an examination.</summary>
public static class ExamPlayer
{
    /// <param name="assistant">Who is examined.</param>
    /// <param name="seed">What the draws of the first round begin with; each further round takes the next number.</param>
    public static ExamRunner For(Assistant assistant, ulong seed) =>
        new((question, round, cancellationToken) => PlayAsync(assistant, question, seed + (ulong)round, cancellationToken));

    /// <summary>Plays one question to its end: the same messages, followed by those of the assistant and its tools.</summary>
    internal static async Task<Conversation> PlayAsync(
        Assistant assistant, ExamQuestion question, ulong seed, CancellationToken cancellationToken)
    {
        var turn = new Turn(question.Prompt) { Options = new GenerationOptions { Seed = seed } };
        var events = question.Tools is { } tools
            ? assistant.RunAsync(turn with { Tools = tools }, cancellationToken)
            : assistant.AnswerAsync(turn, cancellationToken);
        var trace = new Trace();
        await foreach (var item in events)
        {
            trace.Add(item);
        }

        // Of tools that only the question has, nobody answers the calls: they are what is judged.
        return new Conversation([.. question.Prompt.Messages, .. trace.ToMessages(keepsOpenCalls: question.Tools is not null)]);
    }
}
