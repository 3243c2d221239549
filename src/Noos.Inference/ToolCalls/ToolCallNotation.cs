using System.Text;
using Noos.Core;
using Noos.Inference.Constraints.Grammar;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// How a family of models writes tool calls: a reader for its answers and a grammar for its calls. One file per family; the table is
/// <see cref="ToolCallNotations"/>. Immutable and thread-safe.
/// </summary>
public abstract class ToolCallNotation
{
    private protected ToolCallNotation()
    {
    }

    /// <summary>The family.</summary>
    public abstract string Name { get; }

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

    /// <summary>
    /// Tokens without which the notation cannot be written; other marks are written as text where the vocabulary lacks them.
    /// </summary>
    internal abstract IReadOnlyList<string> NeededTokens { get; }

    /// <summary>What must stand behind the prompt, so that the first token after it is text and neither thought nor call.</summary>
    /// <param name="promptEnd">The last characters of the prompt.</param>
    public virtual string TextPrefix(string promptEnd) => MarkedAnswerReader.CloseThought(promptEnd);

    /// <summary>An answer that is <see cref="TextPrefix"/> and text may also be calls.</summary>
    public virtual bool CanCallAfterTextPrefix => true;

    /// <summary>Tokens that open calls and nothing else.</summary>
    internal abstract IReadOnlyList<string> CallTokens { get; }

    /// <summary>Tokens of the layout that never come in a text.</summary>
    internal virtual IReadOnlyList<string> LayoutTokens => [];

    /// <summary>What may follow a token that the model writes freely. The first opening begins a call that is required.</summary>
    internal abstract IEnumerable<CallOpening> Openings(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls);

    /// <summary>
    /// What an answer is that begins with the text of <see cref="CallStart.Trigger"/>; null where calls begin with a token.
    /// </summary>
    internal virtual CallStart? Start(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) => null;

    /// <summary>The opening of calls by a mark, where the vocabulary has it as a token.</summary>
    private protected static IEnumerable<CallOpening> OpenByToken(
        Tokenizer tokenizer, string mark, IReadOnlyList<CallGrammar> calls, Func<GrammarNode> body) =>
        calls.Count > 0 && tokenizer.TryGetSpecial(mark, out var token) ? [new CallOpening(token, body())] : [];

    /// <summary>The same where the vocabulary lacks the token: an answer that begins with the text of the mark.</summary>
    private protected static CallStart? OpenByText(
        Tokenizer tokenizer, string mark, IReadOnlyList<CallGrammar> calls, Func<GrammarNode> body) =>
        calls.Count > 0 && !tokenizer.TryGetSpecial(mark, out _) ? new CallStart(mark, Sequence(Text(mark), body())) : null;

    private protected static GrammarNode Text(string text) => new LiteralNode(Encoding.UTF8.GetBytes(text));

    /// <summary>A mark: its token where the vocabulary has it, else its text.</summary>
    private protected static GrammarNode Mark(Tokenizer tokenizer, string name) =>
        tokenizer.TryGetSpecial(name, out var token) ? new TokenNode([token]) : Text(name);

    private protected static GrammarNode Sequence(params ReadOnlySpan<GrammarNode> parts) =>
        parts.Length == 1 ? parts[0] : new SequenceNode(parts[0], Sequence(parts[1..]));

    private protected static GrammarNode Choice(IEnumerable<GrammarNode> parts) =>
        parts.ToArray() is [var only] ? only : new ChoiceNode([.. parts]);

    /// <summary>Items in any order; more than a set of bits can hold come in groups, which have an order among them.</summary>
    private protected static GrammarNode AnyOrder(IReadOnlyList<(GrammarNode Item, bool IsRequired)> items) =>
        items.Count <= AnyOrderNode.MaxItems
            ? new AnyOrderNode(items)
            : Sequence([.. items.Chunk(AnyOrderNode.MaxItems).Select(group => new AnyOrderNode(group))]);

    private protected static int Token(Tokenizer tokenizer, string name) =>
        tokenizer.TryGetSpecial(name, out var token) ? token : throw new NoosException(
        $"The vocabulary lacks {name}, so this model cannot call tools; use one that was trained for it.");
}
