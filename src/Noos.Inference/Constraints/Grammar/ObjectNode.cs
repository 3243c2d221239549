namespace Noos.Inference.Constraints;

/// <summary>A JSON object with known properties, each at most once and in any order: <c>{"a": 1, "b": 2}</c>.</summary>
sealed class ObjectNode : GrammarNode
{
    /// <summary>What was seen is a set of bits.</summary>
    public const int MaxProperties = 62;

    const int Start = 0;
    const int First = 1;
    const int AfterValue = 2;
    const int AfterComma = 3;
    const int Key = 4;

    readonly LiteralSet _keys;
    readonly GrammarNode[] _values;
    readonly long _required;
    readonly long _all;

    /// <param name="properties">Keys as they are written, quotes, colon and space included.</param>
    public ObjectNode(IEnumerable<(byte[] Key, GrammarNode Value, bool IsRequired)> properties)
    {
        var sorted = LiteralSet.Sort(properties, property => property.Key);
        _keys = new LiteralSet(sorted.Select(property => property.Key));
        _values = [.. sorted.Select(property => property.Value)];
        _all = (1L << sorted.Count) - 1;
        for (var i = 0; i < sorted.Count; i++)
        {
            _required |= sorted[i].IsRequired ? 1L << i : 0;
        }
    }

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var seen = frame.Detail;
        switch (frame.Position)
        {
            case Start:
                return value == '{' ? automaton.Intern(frame with { Position = First }) : ByteAutomaton.Dead;
            case First when value == '}':
            case AfterValue when value == '}':
                return (seen & _required) == _required ? frame.Next : ByteAutomaton.Dead;
            case First:
                return MatchKey(automaton, frame with { Position = Key, Candidates = _keys.All }, value);
            case AfterValue:
                return value == ',' && seen != _all ? automaton.Intern(frame with { Position = AfterComma }) : ByteAutomaton.Dead;
            case AfterComma:
                return value == ' ' ? automaton.Intern(frame with { Position = Key, Candidates = _keys.All }) : ByteAutomaton.Dead;
            default:
                return MatchKey(automaton, frame, value);
        }
    }

    int MatchKey(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var offset = frame.Position - Key;
        var candidates = _keys.Narrow(frame.Candidates, offset, value, excluded: frame.Detail);
        if (candidates.Begin == candidates.End)
        {
            return ByteAutomaton.Dead;
        }

        // Keys end with a quote, so none continues another.
        if (_keys.LengthOf(candidates.Begin) > offset + 1)
        {
            return automaton.Intern(frame with { Position = frame.Position + 1, Candidates = candidates });
        }

        var property = candidates.Begin;
        var after = automaton.Intern(frame with { Position = AfterValue, Detail = frame.Detail | (1L << property), Candidates = default });
        return _values[property].Enter(automaton, after);
    }
}
