namespace Noos.Inference.Constraints.Grammar;

/// <summary>Nothing.</summary>
sealed class EmptyNode : GrammarNode
{
    public override int Step(ByteAutomaton automaton, in Frame frame, byte value) => ByteAutomaton.Dead;

    public override bool FindNullable() => true;
}
