using Noos.Inference.Constraints.Grammar;

namespace Noos.Inference.ToolCalls;

/// <summary>What a notation needs to know of a tool.</summary>
/// <param name="Name">As the model writes it.</param>
/// <param name="Arguments">The arguments as one JSON object.</param>
/// <param name="Parameters">The arguments one by one.</param>
sealed record CallGrammar(string Name, Lazy<GrammarNode> Arguments, Lazy<IReadOnlyList<ParameterGrammar>> Parameters);

/// <summary>An argument that is written outside of JSON.</summary>
/// <param name="Name">As the model writes it.</param>
/// <param name="IsRequired">It must come.</param>
/// <param name="Json">Its values in JSON; null where there are only texts.</param>
/// <param name="Texts">The only texts that it can be; null for any.</param>
/// <param name="MinLength">Fewest code points of a text.</param>
/// <param name="MaxLength">Most code points of a text.</param>
/// <param name="MayBeText">Texts are among its values.</param>
sealed record ParameterGrammar(string Name, bool IsRequired, GrammarNode? Json, IReadOnlyList<string>? Texts, int MinLength, int? MaxLength, bool MayBeText)
{
    /// <summary>A value: texts as they are, all else in JSON.</summary>
    /// <param name="end">What a text must not contain.</param>
    public GrammarNode Value(byte[] end)
    {
        var text = !MayBeText ? null
            : Texts is null ? new RawTextNode(end, MinLength, MaxLength)
            : (GrammarNode)new ChoiceNode([.. Texts.Select(one => one.Length == 0 ? (GrammarNode)new EmptyNode() : new LiteralNode(System.Text.Encoding.UTF8.GetBytes(one)))]);
        return text is null ? Json! : Json is null ? text : new ChoiceNode([text, Json]);
    }
}

/// <summary>What may follow a token.</summary>
sealed record CallOpening(int Token, GrammarNode Body);

/// <summary>An answer that begins with some text.</summary>
/// <param name="Trigger">The text by which such an answer is known.</param>
/// <param name="Body">The whole of it.</param>
sealed record CallStart(string Trigger, GrammarNode Body);
