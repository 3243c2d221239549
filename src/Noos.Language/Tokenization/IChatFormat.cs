using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Language.Tokenization;

/// <summary>
/// The prompt format of a model: how a conversation is laid out in tokens. The way back, from generated tokens to a message, depends on the
/// notation of tool calls and thoughts and is the engine's. Thread-safe.
/// </summary>
public interface IChatFormat
{
    Tokenizer Tokenizer { get; }

    /// <summary>
    /// The tokens of a conversation up to where the assistant is to speak. The text of the conversation and of the tools never becomes a
    /// special token, whatever it spells, so nobody can forge a turn.
    /// </summary>
    /// <exception cref="NoosException">The model cannot read such a conversation.</exception>
    int[] RenderPrompt(Conversation conversation, IReadOnlyList<ToolDeclaration> tools);
}
