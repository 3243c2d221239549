namespace Noos.Inference.Constraints.Grammar;

/// <summary>A node several times in a row.</summary>
sealed class RepeatNode(GrammarNode item, int min, int? max) : GrammarNode
{
    int? _max = max;

    public override IEnumerable<GrammarNode> Parts => [item];

    public override IEnumerable<GrammarNode> FirstParts => Parts;

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value) =>
        frame.Detail >= _max ? ByteAutomaton.Dead : automaton.Step(Once(automaton, frame), value);

    public override int StepToken(ByteAutomaton automaton, in Frame frame, int token) =>
        frame.Detail >= _max ? ByteAutomaton.Dead : automaton.GoOn(Once(automaton, frame), token);

    public override bool MayEnd(in Frame frame) => frame.Detail >= min || item.IsNullable;

    public override bool HasText(Predicate<GrammarNode> partHasText) => min == 0 || partHasText(item);

    public override void Prune(Predicate<GrammarNode> partHasText) => _max = partHasText(item) ? _max : 0;

    public override bool FindNullable() => min == 0 || item.IsNullable;

    /// <summary>The state before the next item.</summary>
    int Once(ByteAutomaton automaton, in Frame frame)
    {
        // Counts that no limit can tell apart are one state.
        var rest = automaton.Intern(frame with { Detail = Math.Min(frame.Detail + 1, _max ?? min) });
        return item.Enter(automaton, rest);
    }
}
