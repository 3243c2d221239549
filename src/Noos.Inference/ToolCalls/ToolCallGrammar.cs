using Noos.Core;
using Noos.Inference.Constraints.Grammar;
using Noos.Inference.Constraints.Schemas;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// What a well-formed call of some tools looks like, for one vocabulary and one notation. Make it once for a set of tools and let all
/// conversations share it; thread-safe.
/// </summary>
public sealed class ToolCallGrammar
{
    /// <param name="tokenizer">The vocabulary.</param>
    /// <param name="tools">What may be called.</param>
    /// <param name="notation">How; null for <see cref="ToolCallNotations.Hermes"/>.</param>
    /// <param name="isParallel">Where the notation writes calls as a list, it may have several.</param>
    /// <exception cref="NoosException">
    /// The vocabulary has no tool-call tokens, two tools share a name, or a schema cannot be satisfied.
    /// </exception>
    public ToolCallGrammar(
        Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools, ToolCallNotation? notation = null, bool isParallel = true)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(tools);
        notation ??= ToolCallNotations.Hermes;
        if (notation.NeededTokens.FirstOrDefault(name => !tokenizer.TryGetSpecial(name, out _)) is { } missing)
        {
            throw new NoosException($"The vocabulary lacks {missing}, so this model cannot call tools; use one that was trained for it.");
        }

        if (tools.GroupBy(tool => tool.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new NoosException($"Two tools have the name '{twice.Key}'; rename one of them.") { Parameter = "tools" };
        }

        Tokenizer = tokenizer;
        var calls = tools.Select(tool => new CallGrammar(
            tool.Name,
            new Lazy<GrammarNode>(() => Compile(tool, schema => SchemaCompiler.CompileArguments(schema, tool.IsStrict))),
            new Lazy<IReadOnlyList<ParameterGrammar>>(
                () => Compile(tool, schema => SchemaCompiler.CompileParameters(schema, tool.IsStrict))),
            IsAlone: !isParallel)).ToArray();
        HasTools = tools.Count > 0;
        Openings = Bodies(notation.Openings(tokenizer, calls));
        WithoutCalls = HasTools ? Bodies(notation.Openings(tokenizer, [])) : Openings;
        if (notation.Start(tokenizer, calls) is { } start)
        {
            Trigger = System.Text.Encoding.UTF8.GetBytes(start.Trigger);
            Whole = new TokenGrammar(tokenizer, start.Body);
        }

        // A call that needs no token to open it is the shortest way to one that is required.
        Opening = Whole is null && HasTools ? Openings.Keys.First() : -1;
        Layout = Known(notation.LayoutTokens);
        CallTokens = Known(notation.CallTokens);
    }

    internal Tokenizer Tokenizer { get; }

    internal bool HasTools { get; }

    /// <summary>What follows the tokens after which the text is no longer free.</summary>
    internal IReadOnlyDictionary<int, TokenGrammar> Openings { get; }

    /// <summary>The same where no tool may be called.</summary>
    internal IReadOnlyDictionary<int, TokenGrammar> WithoutCalls { get; }

    /// <summary>The text that begins an answer that is a call.</summary>
    internal byte[] Trigger { get; } = [];

    /// <summary>All of such an answer; null where calls begin with a token.</summary>
    internal TokenGrammar? Whole { get; }

    /// <summary>The token that opens a required call; -1 where it is <see cref="Whole"/>.</summary>
    internal int Opening { get; }

    /// <summary>Tokens that never come in a free text.</summary>
    internal IReadOnlySet<int> Layout { get; }

    /// <summary>Tokens that open calls and nothing else.</summary>
    internal IReadOnlySet<int> CallTokens { get; }

    HashSet<int> Known(IReadOnlyList<string> names)
    {
        var tokens = new HashSet<int>();
        foreach (var name in names)
        {
            if (Tokenizer.TryGetSpecial(name, out var token))
            {
                tokens.Add(token);
            }
        }

        return tokens;
    }

    Dictionary<int, TokenGrammar> Bodies(IEnumerable<CallOpening> openings) =>
        openings.ToDictionary(opening => opening.Token, opening => new TokenGrammar(Tokenizer, opening.Body));

    static T Compile<T>(ToolSignature tool, Func<System.Text.Json.JsonElement, T> compile)
    {
        try
        {
            return compile(tool.Schema);
        }
        catch (NoosException e)
        {
            throw new NoosException($"The tool '{tool.Name}' cannot be offered to the model: {e.Message}", e);
        }
    }
}
