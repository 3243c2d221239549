namespace Noos.Inference.Constraints.Grammar;

/// <summary>Some nodes, each at most once and in any order; those that must come all come.</summary>
sealed class AnyOrderNode : GrammarNode
{
    /// <summary>What was seen is a set of bits.</summary>
    public const int MaxItems = 62;

    readonly (GrammarNode Item, bool IsRequired)[] _items;
    readonly long _required;
    long _unusable;

    public AnyOrderNode(IReadOnlyList<(GrammarNode Item, bool IsRequired)> items)
    {
        _items = [.. items];
        for (var i = 0; i < _items.Length; i++)
        {
            _required |= _items[i].IsRequired ? 1L << i : 0;
        }
    }

    public override IEnumerable<GrammarNode> Parts => _items.Select(item => item.Item);

    public override IEnumerable<GrammarNode> FirstParts => Parts;

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var state = ByteAutomaton.Dead;
        foreach (var next in Next(automaton, frame))
        {
            state = automaton.Union(state, automaton.Step(next, value));
        }

        return state;
    }

    public override int StepToken(ByteAutomaton automaton, in Frame frame, int token)
    {
        var state = ByteAutomaton.Dead;
        foreach (var next in Next(automaton, frame))
        {
            state = automaton.Union(state, automaton.GoOn(next, token));
        }

        return state;
    }

    public override bool MayEnd(in Frame frame) => (frame.Detail & _required) == _required;

    public override bool HasText(Predicate<GrammarNode> partHasText) =>
        Array.TrueForAll(_items, item => !item.IsRequired || partHasText(item.Item));

    public override void Prune(Predicate<GrammarNode> partHasText)
    {
        for (var i = 0; i < _items.Length; i++)
        {
            _unusable |= partHasText(_items[i].Item) ? 0 : 1L << i;
        }
    }

    public override bool FindNullable() => _required == 0;

    List<int> Next(ByteAutomaton automaton, Frame frame)
    {
        var states = new List<int>();
        for (var i = 0; i < _items.Length; i++)
        {
            if (((frame.Detail | _unusable) >> i & 1) == 0)
            {
                states.Add(_items[i].Item.Enter(automaton, automaton.Intern(frame with { Detail = frame.Detail | (1L << i) })));
            }
        }

        return states;
    }
}
