namespace Noos.Inference.Constraints.Grammar;

/// <summary>One node after another.</summary>
sealed class SequenceNode(GrammarNode first, GrammarNode second) : GrammarNode
{
    public override IEnumerable<GrammarNode> Parts => [first, second];

    public override IEnumerable<GrammarNode> FirstParts => first.IsNullable ? [first, second] : [first];

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value) =>
        automaton.Step(first.Enter(automaton, second.Enter(automaton, frame.Next)), value);

    public override int StepToken(ByteAutomaton automaton, in Frame frame, int token) =>
        automaton.GoOn(first.Enter(automaton, second.Enter(automaton, frame.Next)), token);

    public override bool FindNullable() => first.IsNullable && second.IsNullable;
}
