using System.Text.Json;
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

    /// <summary>The declarations of tools are a part of the prompt.</summary>
    bool ShowsTools { get; }

    /// <summary>The prompt can depend on the variable, besides conversation and tools.</summary>
    bool ReadsVariable(string name);

    /// <summary>
    /// The tokens of a conversation up to where the assistant is to speak. The text of the conversation and of the tools never becomes a
    /// special token, whatever it spells, so nobody can forge a turn.
    /// </summary>
    /// <param name="conversation">All that was said.</param>
    /// <param name="tools">What the model may call.</param>
    /// <param name="variables">Variables of the chat template; those that it does not read change nothing. Null for none.</param>
    /// <exception cref="NoosException">The model cannot read such a conversation.</exception>
    int[] RenderPrompt(
        Conversation conversation, IReadOnlyList<ToolDeclaration> tools, IReadOnlyDictionary<string, JsonElement>? variables = null);
}
