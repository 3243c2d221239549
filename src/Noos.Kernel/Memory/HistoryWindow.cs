using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;

namespace Noos.Kernel.Memory;

/// <summary>
/// Makes a conversation fit a context: while it is too long, the oldest turn is left out. A turn is a user's message with everything up
/// to the next one, so a tool result never loses its call. System messages and the last turn always stay.
/// </summary>
public static class HistoryWindow
{
    /// <param name="conversation">All that was said.</param>
    /// <param name="render">The tokens of a conversation.</param>
    /// <param name="limit">Tokens that the result may have, so that there is room for an answer.</param>
    /// <param name="max">Tokens that it may have where no turn is left to drop, or none may be dropped; at least the limit.</param>
    /// <param name="truncation">Whether turns may be left out.</param>
    /// <param name="omitted">How many messages were left out.</param>
    /// <returns>The tokens of the longest part that fits.</returns>
    /// <exception cref="NoosException">
    /// It is too long, its last turn alone where turns may be left out; its code is <see cref="NoosException.ContextLengthExceeded"/>.
    /// </exception>
    public static int[] Fit(
        Conversation conversation, Func<Conversation, int[]> render, int limit, int max, Truncation truncation, out int omitted)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(render);
        var messages = conversation.Messages.ToList();
        while (true)
        {
            var tokens = render(new Conversation(messages));
            omitted = conversation.Messages.Count - messages.Count;
            if (tokens.Length <= limit || (truncation == Truncation.Disabled && tokens.Length <= max))
            {
                return tokens;
            }

            if (truncation == Truncation.Disabled || !DropOldestTurn(messages))
            {
                // The answer is then as short as what is left.
                return tokens.Length <= max
                    ? tokens
                    : throw new NoosException(
                        $"The conversation has {tokens.Length} tokens but the model reads at most {max}; shorten it, allow a longer "
                        + "context, or choose a model with a longer one.")
                    {
                        Code = NoosException.ContextLengthExceeded,
                        Parameter = "messages",
                    };
            }
        }
    }

    /// <summary>The same with one limit, leaving out turns.</summary>
    /// <inheritdoc cref="Fit(Conversation, Func{Conversation, int[]}, int, int, Truncation, out int)"/>
    public static int[] Fit(Conversation conversation, Func<Conversation, int[]> render, int limit) =>
        Fit(conversation, render, limit, limit, Truncation.Auto, out _);

    static bool DropOldestTurn(List<Message> messages)
    {
        var first = messages.FindIndex(message => message.Role != Role.System);
        var next = first < 0 ? -1 : messages.FindIndex(first + 1, message => message.Role == Role.User);
        if (next < 0)
        {
            return false;
        }

        for (var index = next - 1; index >= first; index--)
        {
            if (messages[index].Role != Role.System)
            {
                messages.RemoveAt(index);
            }
        }

        return true;
    }
}
