namespace Noos.Inference.Constraints.Grammar;

/// <summary>One of several nodes; while more than one can read the text, all are followed.</summary>
sealed class ChoiceNode(IReadOnlyList<GrammarNode> alternatives) : GrammarNode
{
    IReadOnlyList<GrammarNode> _alternatives = alternatives;

    public override IEnumerable<GrammarNode> Parts => _alternatives;

    public override IEnumerable<GrammarNode> FirstParts => Parts;

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var state = ByteAutomaton.Dead;
        foreach (var alternative in _alternatives)
        {
            state = automaton.Union(state, automaton.Step(alternative.Enter(automaton, frame.Next), value));
        }

        return state;
    }

    public override int StepToken(ByteAutomaton automaton, in Frame frame, int token)
    {
        var state = ByteAutomaton.Dead;
        foreach (var alternative in _alternatives)
        {
            state = automaton.Union(state, automaton.GoOn(alternative.Enter(automaton, frame.Next), token));
        }

        return state;
    }

    public override bool HasText(Predicate<GrammarNode> partHasText) => _alternatives.Any(part => partHasText(part));

    public override void Prune(Predicate<GrammarNode> partHasText) => _alternatives = [.. _alternatives.Where(part => partHasText(part))];

    public override bool FindNullable() => _alternatives.Any(part => part.IsNullable);
}
