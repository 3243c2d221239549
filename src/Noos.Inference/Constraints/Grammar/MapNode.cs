namespace Noos.Inference.Constraints;

/// <summary>A JSON object with any keys and values of one kind.</summary>
sealed class MapNode(GrammarNode item) : GrammarNode
{
    const int Start = 0;
    const int First = 1;
    const int AfterValue = 2;
    const int AfterComma = 3;

    static readonly LiteralNode s_colon = new(": "u8.ToArray());

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        switch (frame.Position)
        {
            case Start:
                return value == '{' ? automaton.Intern(frame with { Position = First }) : ByteAutomaton.Dead;
            case First when value == '}':
            case AfterValue when value == '}':
                return frame.Next;
            case First:
                return automaton.Step(Entry(automaton, frame), value);
            case AfterValue:
                return value == ',' ? automaton.Intern(frame with { Position = AfterComma }) : ByteAutomaton.Dead;
            default:
                return value == ' ' ? Entry(automaton, frame) : ByteAutomaton.Dead;
        }
    }

    int Entry(ByteAutomaton automaton, in Frame frame)
    {
        var after = automaton.Intern(frame with { Position = AfterValue });
        return StringNode.Any.Enter(automaton, s_colon.Enter(automaton, item.Enter(automaton, after)));
    }
}
