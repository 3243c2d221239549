namespace Noos.Inference.Constraints.Grammar;

/// <summary>A node that is known later: what makes recursion possible.</summary>
sealed class RuleNode : GrammarNode
{
    public GrammarNode? Target { get; set; }

    public override IEnumerable<GrammarNode> Parts => [Target!];

    public override IEnumerable<GrammarNode> FirstParts => Parts;

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value) =>
        automaton.Step(Target!.Enter(automaton, frame.Next), value);

    public override int StepToken(ByteAutomaton automaton, in Frame frame, int token) =>
        automaton.GoOn(Target!.Enter(automaton, frame.Next), token);

    public override bool FindNullable() => Target!.IsNullable;
}
