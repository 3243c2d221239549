namespace Noos.Inference.Constraints;

/// <summary>A JSON array: <c>[a, b]</c>.</summary>
sealed class ArrayNode(GrammarNode item, int minItems, int? maxItems) : GrammarNode
{
    const int Start = 0;
    const int First = 1;
    const int AfterItem = 2;
    const int AfterComma = 3;

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var count = frame.Detail;
        switch (frame.Position)
        {
            case Start:
                return value == '[' ? automaton.Intern(frame with { Position = First }) : ByteAutomaton.Dead;
            case First when value == ']':
            case AfterItem when value == ']':
                return count >= minItems ? frame.Next : ByteAutomaton.Dead;
            case First when maxItems is not 0:
                return automaton.Step(Item(automaton, frame), value);
            case AfterItem when value == ',' && !(count >= maxItems):
                return automaton.Intern(frame with { Position = AfterComma });
            case AfterComma when value == ' ':
                return Item(automaton, frame);
            default:
                return ByteAutomaton.Dead;
        }
    }

    int Item(ByteAutomaton automaton, in Frame frame)
    {
        // Counts that no limit can tell apart are one state.
        var count = Math.Min(frame.Detail + 1, maxItems ?? minItems);
        return item.Enter(automaton, automaton.Intern(frame with { Position = AfterItem, Detail = count }));
    }
}
