namespace Noos.Inference.Constraints;

/// <summary>One of several byte strings, each followed by its own node (or by nothing). Also a single literal.</summary>
sealed class LiteralNode : GrammarNode
{
    readonly LiteralSet _literals;
    readonly GrammarNode?[] _followers;

    public LiteralNode(IEnumerable<(byte[] Literal, GrammarNode? Follower)> alternatives)
    {
        var sorted = LiteralSet.Sort(alternatives, alternative => alternative.Literal);
        _literals = new LiteralSet(sorted.Select(alternative => alternative.Literal));
        _followers = [.. sorted.Select(alternative => alternative.Follower)];
    }

    public LiteralNode(byte[] literal)
        : this([(literal, null)])
    {
    }

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
            ? _followers[candidates.Begin]?.Enter(automaton, frame.Next) ?? frame.Next
            : automaton.Intern(frame with { Position = frame.Position + 1, Candidates = candidates });
    }

    public override bool MayEnd(in Frame frame) => frame.Position > 0 && _literals.LengthOf(frame.Candidates.Begin) == frame.Position;
}
