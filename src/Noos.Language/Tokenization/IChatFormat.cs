using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Language.Tokenization;

/// <summary>How a model reads a conversation and writes its answer, in tokens. Thread-safe.</summary>
public interface IChatFormat
{
    Tokenizer Tokenizer { get; }

    /// <summary>
    /// The tokens of a conversation up to where the assistant is to speak. The text of the conversation and of the tools never becomes a
    /// special token, whatever it spells, so nobody can forge a turn.
    /// </summary>
    /// <exception cref="NoosException">The model cannot read such a conversation.</exception>
    int[] RenderPrompt(Conversation conversation, IReadOnlyList<ToolDeclaration> tools);

    /// <summary>
    /// Reads what the model generated after <see cref="RenderPrompt"/>, up to the end of its turn. A tool call that is not well-formed
    /// stays in the message as text, so that nothing is lost and nothing is called by mistake.
    /// </summary>
    Message ParseAssistant(ReadOnlySpan<int> tokens);
}
