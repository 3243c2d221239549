using System.Text;
using Noos.Inference.Constraints.Grammar;

namespace Noos.Inference.Constraints.Schemas;

/// <summary>One argument of a tool, for notations that write arguments outside of JSON.</summary>
/// <param name="Name">As the model writes it.</param>
/// <param name="IsRequired">It must come.</param>
/// <param name="Json">Its values in JSON; null where there are only texts.</param>
/// <param name="Texts">The only texts that it can be; null for any text.</param>
/// <param name="MinLength">Min code points of a text.</param>
/// <param name="MaxLength">Max code points of a text.</param>
/// <param name="MayBeText">Texts are among its values.</param>
sealed record ParameterGrammar(
    string Name, bool IsRequired, GrammarNode? Json, IReadOnlyList<string>? Texts, int MinLength, int? MaxLength, bool MayBeText)
{
    /// <summary>A value: texts as they are, all else in JSON.</summary>
    /// <param name="end">What a text must not contain.</param>
    public GrammarNode Value(byte[] end)
    {
        var text = !MayBeText ? null
            : Texts is null ? new RawTextNode(end, MinLength, MaxLength)
            : (GrammarNode)new ChoiceNode(
                [.. Texts.Select(one => one.Length == 0 ? (GrammarNode)new EmptyNode() : new LiteralNode(Encoding.UTF8.GetBytes(one)))]);
        return text is null ? Json! : Json is null ? text : new ChoiceNode([text, Json]);
    }
}
