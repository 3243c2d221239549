namespace Noos.Inference.Constraints.Grammar;

/// <summary>One of several byte strings, each followed by its own node (or by nothing). Also a single literal.</summary>
sealed class LiteralNode : GrammarNode
{
    List<LiteralAlternative> _alternatives;
    LiteralSet _literals;

    public LiteralNode(IEnumerable<LiteralAlternative> alternatives)
    {
        _alternatives = LiteralSet.Sort(alternatives, alternative => alternative.Literal);
        _literals = new LiteralSet(_alternatives.Select(alternative => alternative.Literal));
    }

    public LiteralNode(byte[] literal)
        : this([new LiteralAlternative(literal)])
    {
    }

    public override IEnumerable<GrammarNode> Parts => _alternatives.Select(alternative => alternative.Follower).OfType<GrammarNode>();

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var candidates = _literals.Narrow(frame.Position == 0 ? _literals.All : frame.Candidates, frame.Position, value, excluded: 0);
        if (candidates.Begin == candidates.End)
        {
            return ByteAutomaton.Dead;
        }

        // A literal that another one continues stays open; what is then to follow is known only at the next byte.
        var isWhole = candidates.End - candidates.Begin == 1 && _literals.LengthOf(candidates.Begin) == frame.Position + 1;
        return isWhole
            ? _alternatives[candidates.Begin].Follower?.Enter(automaton, frame.Next) ?? frame.Next
            : automaton.Intern(frame with { Position = frame.Position + 1, Candidates = candidates });
    }

    public override bool MayEnd(in Frame frame) => frame.Position > 0 && _literals.LengthOf(frame.Candidates.Begin) == frame.Position;

    public override bool HasText(Predicate<GrammarNode> partHasText) =>
        _alternatives.Exists(alternative => HasText(alternative.Follower, partHasText));

    public override void Prune(Predicate<GrammarNode> partHasText)
    {
        _alternatives = _alternatives.FindAll(alternative => HasText(alternative.Follower, partHasText));
        _literals = new LiteralSet(_alternatives.Select(alternative => alternative.Literal));
    }

    static bool HasText(GrammarNode? follower, Predicate<GrammarNode> partHasText) => follower is null || partHasText(follower);
}
