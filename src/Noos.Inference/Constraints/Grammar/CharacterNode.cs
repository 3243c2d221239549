namespace Noos.Inference.Constraints.Grammar;

/// <summary>One character of a set, in UTF-8.</summary>
sealed class CharacterNode(CodePointSet characters) : GrammarNode
{
    // The positions count the bytes that are left.
    const int Start = 0;

    public override bool HasText(Predicate<GrammarNode> partHasText) => !characters.IsEmpty;

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var range = frame.Candidates;
        var left = frame.Position == Start ? Utf8.Begin(value, out range) : Utf8.Continue(value, frame.Position, ref range);
        return left < 0 || !characters.Intersects(range.Begin, range.End) ? ByteAutomaton.Dead
            : left == 0 ? frame.Next
            : automaton.Intern(frame with { Position = left, Candidates = range });
    }
}
