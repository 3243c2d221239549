namespace Noos.Inference.Constraints.Grammar;

/// <summary>A JSON array of literals, each at most once.</summary>
sealed class DistinctArrayNode(IReadOnlyList<byte[]> literals, int minItems, int maxItems) : GrammarNode
{
    /// <summary>What was used is a set of bits.</summary>
    public const int MaxLiterals = 62;

    const int Start = 0;
    const int First = 1;
    const int AfterItem = 2;
    const int AfterComma = 3;
    const int BeforeItem = 4;

    readonly LiteralNode[] _literals = [.. literals.Select(literal => new LiteralNode(literal))];
    readonly int _maxItems = Math.Min(maxItems, literals.Count);

    public override bool HasText(Predicate<GrammarNode> partHasText) => minItems <= _maxItems;

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var count = System.Numerics.BitOperations.PopCount((ulong)frame.Detail);
        switch (frame.Position)
        {
            case Start:
                return value == '[' ? automaton.Intern(frame with { Position = First }) : ByteAutomaton.Dead;
            case First when value == ']':
            case AfterItem when value == ']':
                return count >= minItems ? frame.Next : ByteAutomaton.Dead;
            case AfterItem when value == ',' && count < _maxItems:
                return automaton.Intern(frame with { Position = AfterComma });
            case AfterComma when value == ' ':
                return automaton.Intern(frame with { Position = BeforeItem });
            case First when _maxItems > 0:
            case BeforeItem:
                return Item(automaton, frame, value);
            default:
                return ByteAutomaton.Dead;
        }
    }

    int Item(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var state = ByteAutomaton.Dead;
        for (var index = 0; index < _literals.Length; index++)
        {
            if (((frame.Detail >> index) & 1) == 0)
            {
                var after = automaton.Intern(frame with { Position = AfterItem, Detail = frame.Detail | (1L << index) });
                state = automaton.Union(state, automaton.Step(_literals[index].Enter(automaton, after), value));
            }
        }

        return state;
    }
}
