using Noos.Inference.Constraints;
using Noos.Language;
using Noos.Language.Tokenization;

namespace Noos.Inference;

/// <summary>
/// What a well-formed call of some tools looks like, for one vocabulary. Make it once for a set of tools and let all conversations share it;
/// thread-safe.
/// </summary>
public sealed class ToolCallGrammar
{
    static readonly LiteralNode s_tail = new("}\n"u8.ToArray());

    /// <exception cref="NoosException">The vocabulary has no tool-call tokens, two tools share a name, or a schema cannot be satisfied.</exception>
    public ToolCallGrammar(Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(tools);
        if (!tokenizer.TryGetSpecial(SpecialTokens.ToolCallStart, out var start) || !tokenizer.TryGetSpecial(SpecialTokens.ToolCallEnd, out var end))
        {
            throw new NoosException(
                $"The vocabulary lacks {SpecialTokens.ToolCallStart} or {SpecialTokens.ToolCallEnd}, so this model cannot call tools; use one that was trained for it.");
        }

        if (tools.GroupBy(tool => tool.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new NoosException($"Two tools have the name '{twice.Key}'; rename one of them.");
        }

        Tokenizer = tokenizer;
        StartToken = start;
        EndToken = end;
        if (tools.Count > 0)
        {
            Body = new TokenGrammar(tokenizer, new LiteralNode(tools.Select(tool => (Head(tool.Name), (GrammarNode?)new SequenceNode(Arguments(tool), s_tail)))));
        }
    }

    internal Tokenizer Tokenizer { get; }

    internal int StartToken { get; }

    internal int EndToken { get; }

    /// <summary>Everything between the two tool-call tokens; null without tools.</summary>
    internal TokenGrammar? Body { get; }

    static byte[] Head(string name) => [.. "\n{\"name\": "u8, .. SchemaCompiler.Write(name), .. ", \"arguments\": "u8];

    static GrammarNode Arguments(ToolSignature tool)
    {
        try
        {
            return SchemaCompiler.CompileArguments(tool.Schema);
        }
        catch (NoosException e)
        {
            throw new NoosException($"The tool '{tool.Name}' cannot be offered to the model: {e.Message}", e);
        }
    }
}
