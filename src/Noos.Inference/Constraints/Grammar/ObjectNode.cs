using System.Numerics;

namespace Noos.Inference.Constraints.Grammar;

/// <summary>A JSON object: known properties, each at most once and in any order, and perhaps others: <c>{"a": 1, "b": 2}</c>.</summary>
sealed class ObjectNode : GrammarNode
{
    /// <summary>What was seen is a set of bits; the others are counted in those above.</summary>
    public const int MaxProperties = 40;

    const int Start = 0;
    const int First = 1;
    const int AfterValue = 2;
    const int AfterComma = 3;
    const int Key = 4;

    const long SeenBits = (1L << MaxProperties) - 1;
    const int MaxCounted = 1 << 20;

    static readonly LiteralNode s_colon = new(": "u8.ToArray());

    readonly List<ObjectProperty> _properties;
    readonly LiteralSet _keys;
    readonly long _required;
    readonly int _min;
    readonly int? _max;
    List<OtherProperty> _others;
    long _unusable;

    /// <param name="properties">Those that are known by name.</param>
    /// <param name="others">Further ones.</param>
    /// <param name="min">Fewest properties.</param>
    /// <param name="max">Most properties; null for any number.</param>
    public ObjectNode(
        IEnumerable<ObjectProperty> properties,
        IEnumerable<OtherProperty>? others = null,
        int min = 0,
        int? max = null)
    {
        _properties = LiteralSet.Sort(properties, property => property.Key);
        _keys = new LiteralSet(_properties.Select(property => property.Key));
        _others = [.. others ?? []];
        _min = min;
        _max = max;
        for (var i = 0; i < _properties.Count; i++)
        {
            _required |= _properties[i].IsRequired ? 1L << i : 0;
        }
    }

    public override IEnumerable<GrammarNode> Parts =>
        _properties.Select(property => property.Value).Concat(_others.SelectMany(other => (GrammarNode[])[other.Key, other.Value]));

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        switch (frame.Position)
        {
            case Start:
                return value == '{' ? automaton.Intern(frame with { Position = First }) : ByteAutomaton.Dead;
            case First when value == '}':
            case AfterValue when value == '}':
                return (frame.Detail & _required) == _required && Count(frame) >= _min ? frame.Next : ByteAutomaton.Dead;
            case First:
                return BeginKey(automaton, frame, value);
            case AfterValue:
                return value == ',' && MayGoOn(frame) ? automaton.Intern(frame with { Position = AfterComma }) : ByteAutomaton.Dead;
            case AfterComma:
                return value == ' ' ? automaton.Intern(frame with { Position = Key, Candidates = _keys.All }) : ByteAutomaton.Dead;
            case Key:
                return BeginKey(automaton, frame, value);
            default:
                return MatchKey(automaton, frame, value);
        }
    }

    public override bool HasText(Predicate<GrammarNode> partHasText)
    {
        var usable = _properties.Count(property => partHasText(property.Value));
        return _properties.All(property => !property.IsRequired || partHasText(property.Value))
            && !(BitOperations.PopCount((ulong)_required) > _max)
            && !(_min > _max)
            && (_min <= usable || _others.Exists(other => partHasText(other.Key) && partHasText(other.Value)));
    }

    public override void Prune(Predicate<GrammarNode> partHasText)
    {
        for (var i = 0; i < _properties.Count; i++)
        {
            _unusable |= partHasText(_properties[i].Value) ? 0 : 1L << i;
        }

        _others = _others.FindAll(other => partHasText(other.Key) && partHasText(other.Value));
    }

    /// <summary>What may not come next: what was seen, and where room is left for required properties only, the others.</summary>
    long Excluded(in Frame frame) => (frame.Detail & SeenBits) | _unusable | (HasRoom(frame) ? 0 : ~_required & SeenBits);

    /// <summary>One more property that nobody requires still leaves room for those that are.</summary>
    bool HasRoom(in Frame frame) => !(Count(frame) + 1 + BitOperations.PopCount((ulong)(_required & ~frame.Detail)) > _max);

    bool MayGoOn(in Frame frame) =>
        (~Excluded(frame) & ((1L << _properties.Count) - 1)) != 0 || (_others.Count > 0 && HasRoom(frame));

    static long Count(in Frame frame) => BitOperations.PopCount((ulong)(frame.Detail & SeenBits)) + (frame.Detail >> MaxProperties);

    int BeginKey(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var state = MatchKey(automaton, frame with { Position = Key, Candidates = _keys.All }, value);
        if (_others.Count == 0 || !HasRoom(frame))
        {
            return state;
        }

        // Counts that no limit can tell apart are one state.
        var most = _max is { } max ? Math.Min(max, MaxCounted) : Math.Min(_min, MaxCounted);
        var count = Math.Min((frame.Detail >> MaxProperties) + 1, most);
        var after = automaton.Intern(
            frame with { Position = AfterValue, Detail = (frame.Detail & SeenBits) | (count << MaxProperties), Candidates = default });
        foreach (var (key, other) in _others)
        {
            var entered = key.Enter(automaton, s_colon.Enter(automaton, other.Enter(automaton, after)));
            state = automaton.Union(state, automaton.Step(entered, value));
        }

        return state;
    }

    int MatchKey(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var offset = frame.Position - Key;
        var candidates = _keys.Narrow(frame.Candidates, offset, value, Excluded(frame));
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
        return _properties[property].Value.Enter(automaton, after);
    }
}
