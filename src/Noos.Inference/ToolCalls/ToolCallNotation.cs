using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Inference.Constraints;
using Noos.Inference.Constraints.Grammar;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// How a family of models writes tool calls: how they are read, and what is well-formed. One file a family; which one a model uses is
/// found out by letting its chat template write a call. Immutable and thread-safe.
/// </summary>
public abstract class ToolCallNotation
{
    const string Probe = "probe_7f3a";

    private protected ToolCallNotation()
    {
    }

    /// <summary>That of Hermes, Qwen and the models of this repository.</summary>
    public static ToolCallNotation Hermes { get; } = new HermesNotation();

    /// <summary>The family.</summary>
    public abstract string Name { get; }

    /// <summary>The notation of a model's chat format.</summary>
    /// <returns>Null where its template writes no calls, or in a way that is not known.</returns>
    public static ToolCallNotation? Of(IChatFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        if (format is ChatFormat)
        {
            return Hermes;
        }

        var sample = Sample(format);
        ToolCallNotation?[] known =
        [
            HarmonyNotation.Recognize(sample), MistralNotation.Recognize(sample), QwenCoderNotation.Recognize(sample), GlmNotation.Recognize(sample),
            sample.Contains(SpecialTokens.ToolCallStart, StringComparison.Ordinal) ? Hermes : null, LlamaNotation.Recognize(sample),
        ];
        return Array.Find(known, notation => notation?.IsIn(format.Tokenizer) == true)
            ?? (sample.Length == 0 && Hermes.IsIn(format.Tokenizer) ? Hermes : null);
    }

    /// <summary>The vocabulary has the tokens that calls are marked with.</summary>
    public bool IsIn(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return NeededTokens.All(name => tokenizer.TryGetSpecial(name, out _));
    }

    /// <summary>A reader of one answer.</summary>
    /// <param name="tokenizer">The vocabulary.</param>
    /// <param name="tools">Those that may be called; without any, calls that need no mark of their own are text.</param>
    /// <param name="promptEnd">The last characters of the prompt: they may have opened a thought.</param>
    public abstract AnswerReader CreateReader(Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools, string promptEnd = "");

    /// <summary>A reader for a model without a notation: text and thoughts.</summary>
    public static AnswerReader CreatePlainReader(Tokenizer tokenizer, string promptEnd = "") =>
        new MarkedAnswerReader(tokenizer, marks: null, MarkedAnswerReader.OpensThought(promptEnd));

    internal abstract IReadOnlyList<string> NeededTokens { get; }

    /// <summary>Tokens that open calls and nothing else.</summary>
    internal abstract IReadOnlyList<string> CallTokens { get; }

    /// <summary>Tokens of the layout that never come in a text.</summary>
    internal virtual IReadOnlyList<string> LayoutTokens => [];

    /// <summary>What may follow a token that the model writes freely. The first opening begins a call that is required.</summary>
    internal abstract IEnumerable<CallOpening> Openings(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls);

    /// <summary>What an answer is that begins with the text of <see cref="CallStart.Trigger"/>; null where calls begin with a token.</summary>
    internal virtual CallStart? Start(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) => null;

    private protected static GrammarNode Text(string text) => new LiteralNode(Encoding.UTF8.GetBytes(text));

    /// <summary>A mark: its token where the vocabulary has it, else its text.</summary>
    private protected static GrammarNode Mark(Tokenizer tokenizer, string name) => tokenizer.TryGetSpecial(name, out var token) ? new TokenNode([token]) : Text(name);

    private protected static GrammarNode Sequence(params ReadOnlySpan<GrammarNode> parts) =>
        parts.Length == 1 ? parts[0] : new SequenceNode(parts[0], Sequence(parts[1..]));

    private protected static GrammarNode Choice(IEnumerable<GrammarNode> parts) => parts.ToArray() is [var only] ? only : new ChoiceNode([.. parts]);

    private protected static int Token(Tokenizer tokenizer, string name) => tokenizer.TryGetSpecial(name, out var token) ? token : throw new NoosException(
        $"The vocabulary lacks {name}, so this model cannot call tools; use one that was trained for it.");

    /// <summary>How the template writes a call; empty where it does not.</summary>
    static string Sample(IChatFormat format)
    {
        var arguments = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["key"] = Probe }, JsonContext.Default.DictionaryStringString);
        var schema = JsonElement.Parse("""{"type": "object", "properties": {"key": {"type": "string"}}}""");
        try
        {
            var prompt = format.RenderPrompt(
                Conversation.Of(Message.User("a"), Message.Assistant(new ToolCallPart("probe_tool", arguments)), Message.Tool(new ToolResultPart("probe_tool", "b"))),
                [new ToolDeclaration("probe_tool", "A tool.", schema)]);
            var text = Encoding.UTF8.GetString(format.Tokenizer.Decode(prompt));
            // The tool's description may show the notation too; the call itself is where its argument is.
            var place = text.LastIndexOf(Probe, StringComparison.Ordinal);
            const int Before = 160, After = 60;
            return place < 0 ? "" : text[Math.Max(0, place - Before)..Math.Min(text.Length, place + Probe.Length + After)];
        }
        catch (NoosException)
        {
            return "";
        }
    }
}
