using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;

namespace Noos.Kernel.Memory;

/// <summary>
/// Makes a conversation fit a context: where it is too long, the oldest turns are left out. A turn is a user's message with everything up
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
        omitted = 0;
        var tokens = render(conversation);
        if (tokens.Length <= limit || (truncation == Truncation.Disabled && tokens.Length <= max))
        {
            return tokens;
        }

        var turns = TurnsOf(conversation.Messages);
        if (truncation == Truncation.Auto && turns.Count > 1)
        {
            // Fewer turns are fewer tokens, so a search by halves finds how many must go with a few renderings, however long the history.
            var (tooFew, enough) = (0, turns.Count - 1);
            (tokens, omitted) = Without(enough);
            while (tokens.Length <= limit && enough - tooFew > 1)
            {
                var middle = (tooFew + enough) / 2;
                var (shorter, left) = Without(middle);
                if (shorter.Length <= limit)
                {
                    (tokens, omitted, enough) = (shorter, left, middle);
                }
                else
                {
                    tooFew = middle;
                }
            }
        }

        // Where the last turn alone is over the limit, the answer is as short as what is left.
        return tokens.Length <= max
            ? tokens
            : throw new NoosException(
                $"The conversation has {tokens.Length} tokens but the model reads at most {max}; shorten it, allow a longer context, or "
                + "choose a model with a longer one.")
            {
                Code = NoosException.ContextLengthExceeded,
                Parameter = "messages",
            };

        (int[] Tokens, int Omitted) Without(int dropped)
        {
            var messages = conversation.Messages
                .Where((message, index) => index >= turns[dropped] || message.Role == Role.System).ToArray();
            return (render(new Conversation(messages)), conversation.Messages.Count - messages.Length);
        }
    }

    /// <summary>The same with one limit, leaving out turns.</summary>
    /// <inheritdoc cref="Fit(Conversation, Func{Conversation, int[]}, int, int, Truncation, out int)"/>
    public static int[] Fit(Conversation conversation, Func<Conversation, int[]> render, int limit) =>
        Fit(conversation, render, limit, limit, Truncation.Auto, out _);

    /// <summary>Where the turns begin.</summary>
    static List<int> TurnsOf(IReadOnlyList<Message> messages)
    {
        var turns = new List<int>();
        for (var index = 0; index < messages.Count; index++)
        {
            if (messages[index].Role == Role.User || (turns.Count == 0 && messages[index].Role != Role.System))
            {
                turns.Add(index);
            }
        }

        return turns;
    }
}
