using System.Runtime.CompilerServices;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Tracing;

namespace Noos.Kernel.Agents;

/// <summary>One conversation that goes on: remembers what was said. For one user at a time.</summary>
public sealed class ChatSession(Assistant assistant, Conversation? history = null)
{
    readonly List<Message> _messages = [.. history?.Messages ?? []];

    /// <summary>Everything said so far.</summary>
    public Conversation History => new([.. _messages]);

    /// <summary>
    /// Says <paramref name="text"/> and streams the answer. When the answer is stopped half-way, what was said until then is kept; a
    /// question that got no answer at all is forgotten, so that it can be asked again.
    /// </summary>
    public async IAsyncEnumerable<TraceEvent> SendAsync(
        string text, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var question = Message.User(text);
        var trace = new Trace();
        try
        {
            await foreach (var item in assistant.AnswerAsync(new Conversation([.. _messages, question]), options, cancellationToken))
            {
                trace.Add(item);
                yield return item;
            }
        }
        finally
        {
            if (trace.ToMessages() is { Count: > 0 } answer)
            {
                _messages.Add(question);
                _messages.AddRange(answer);
            }
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _messages.Clear();
}
