using Noos.Core.Conversations;

namespace Noos.Language.Tokenization;

/// <summary>How a conversation is laid out in tokens to be learnt from. Thread-safe.</summary>
public interface ITrainingFormat
{
    Tokenizer Tokenizer { get; }

    /// <summary>Appends a whole conversation.</summary>
    /// <param name="conversation">What to write.</param>
    /// <param name="tokens">Receives the tokens.</param>
    /// <param name="isTarget">Receives for each token whether the model shall learn to say it.</param>
    void Render(Conversation conversation, List<int> tokens, List<bool> isTarget);
}
