using Noos.Core;
using Noos.Core.Conversations;

namespace Noos.Kernel.Memory;

/// <summary>
/// Makes a conversation fit a context: while it is too long, the oldest turn is left out. A turn is a user's message with everything up
/// to the next one, so a tool result never loses its call. System messages and the last turn always stay.
/// </summary>
public static class HistoryWindow
{
    /// <param name="conversation">All that was said.</param>
    /// <param name="render">The tokens of a conversation.</param>
    /// <param name="limit">Most tokens that the result may have.</param>
    /// <returns>The tokens of the longest part that fits.</returns>
    /// <exception cref="NoosException">Even the last turn alone is too long.</exception>
    public static int[] Fit(Conversation conversation, Func<Conversation, int[]> render, int limit)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(render);
        var messages = conversation.Messages.ToList();
        while (true)
        {
            var tokens = render(new Conversation(messages));
            if (tokens.Length <= limit)
            {
                return tokens;
            }

            if (!DropOldestTurn(messages))
            {
                throw new NoosException(
                    $"The question needs {tokens.Length} tokens but the model reads at most {limit}; shorten it, or choose a model "
                    + "with a longer context.");
            }
        }
    }

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
