namespace Noos.Inference.Constraints;

/// <summary>One of several nodes that their first byte tells apart; of two that begin alike, the first is taken.</summary>
sealed class ChoiceNode(IReadOnlyList<GrammarNode> alternatives) : GrammarNode
{
    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        foreach (var alternative in alternatives)
        {
            var state = automaton.Step(alternative.Enter(automaton, frame.Next), value);
            if (state != ByteAutomaton.Dead)
            {
                return state;
            }
        }

        return ByteAutomaton.Dead;
    }
}
