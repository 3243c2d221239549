namespace Noos.Inference.Constraints.Grammar;

/// <summary>A JSON array: <c>[a, b]</c>; the first items may each have a node of their own.</summary>
/// <param name="first">The nodes of the first items.</param>
/// <param name="item">The node of all further items; null for none.</param>
sealed class ArrayNode(IReadOnlyList<GrammarNode> first, GrammarNode? item, int minItems, int? maxItems) : GrammarNode
{
    const int Start = 0;
    const int First = 1;
    const int AfterItem = 2;
    const int AfterComma = 3;

    int? _maxItems = item is null ? Math.Min(maxItems ?? first.Count, first.Count) : maxItems;

    public override IEnumerable<GrammarNode> Parts => item is null ? first : first.Append(item);

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var count = frame.Detail;
        switch (frame.Position)
        {
            case Start:
                return value == '[' ? automaton.Intern(frame with { Position = First }) : ByteAutomaton.Dead;
            case First when value == ']':
            case AfterItem when value == ']':
                return count >= minItems ? frame.Next : ByteAutomaton.Dead;
            case First when _maxItems is not 0:
                return automaton.Step(Item(automaton, frame), value);
            case AfterItem when value == ',' && !(count >= _maxItems):
                return automaton.Intern(frame with { Position = AfterComma });
            case AfterComma when value == ' ':
                return Item(automaton, frame);
            default:
                return ByteAutomaton.Dead;
        }
    }

    public override bool HasText(Predicate<GrammarNode> partHasText) =>
        !(_maxItems < minItems) && first.Take(minItems).All(part => partHasText(part)) && (minItems <= first.Count || partHasText(item!));

    public override void Prune(Predicate<GrammarNode> partHasText)
    {
        var usable = first.TakeWhile(part => partHasText(part)).Count();
        if (usable < first.Count || (item is not null && !partHasText(item)))
        {
            _maxItems = Math.Min(_maxItems ?? usable, usable);
        }
    }

    public override Frame Within(in Frame frame, int bytes) =>
        item is null || frame.Detail < first.Count || frame.Detail < minItems || _maxItems - frame.Detail <= bytes
            ? frame
            : frame with { Detail = Math.Max(minItems, first.Count) };

    int Item(ByteAutomaton automaton, in Frame frame)
    {
        var node = frame.Detail < first.Count ? first[(int)frame.Detail] : item!;
        // Counts that no limit can tell apart are one state.
        var count = Math.Min(frame.Detail + 1, _maxItems ?? Math.Max(minItems, first.Count));
        return node.Enter(automaton, automaton.Intern(frame with { Position = AfterItem, Detail = count }));
    }
}
