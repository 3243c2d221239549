using Noos.Core.Conversations;

namespace Noos.Language.Tokenization;

/// <summary>
/// Conversations as plain text without a chat frame, for base models: each message is a paragraph, and those of the assistant are learnt,
/// their line ends included. Calls and results of tools have no place in it. Immutable and thread-safe.
/// </summary>
public sealed class PlainFormat(Tokenizer tokenizer) : ITrainingFormat
{
    public Tokenizer Tokenizer => tokenizer;

    public void Render(Conversation conversation, List<int> tokens, List<bool> isTarget)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(isTarget);
        Append([tokenizer.EndOfText], false);
        foreach (var message in conversation.Messages)
        {
            Append(tokenizer.Encode(message.Text() + "\n"), message.Role == Role.Assistant);
        }

        void Append(ReadOnlySpan<int> encoded, bool isLearnt)
        {
            foreach (var token in encoded)
            {
                tokens.Add(token);
                isTarget.Add(isLearnt);
            }
        }
    }
}
