using Noos.Core;
using Noos.Inference.Constraints.Grammar;

namespace Noos.Inference.Constraints.Patterns;

/// <summary>
/// A deterministic finite automaton over code points, from which every state can reach acceptance. State 0 is the start; an automaton
/// without states accepts nothing. Immutable.
/// </summary>
sealed class PatternAutomaton
{
    const int MaxStates = 5_000;
    const int MaxTransitions = 100_000;
    const int MaxNodes = 50_000;
    const int MaxMembers = 1_000_000;

    readonly Transition[][] _transitions;
    readonly bool[] _accepting;

    PatternAutomaton(List<List<Transition>> transitions, List<bool> accepting)
    {
        var useful = FindUseful(transitions, accepting);
        var numbers = new int[transitions.Count];
        var count = 0;
        for (var state = 0; state < numbers.Length; state++)
        {
            numbers[state] = useful[state] ? count++ : -1;
        }

        var isEmpty = numbers.Length == 0 || numbers[0] < 0;
        _transitions = isEmpty ? [] : [.. transitions.Where((_, state) => useful[state]).Select(ones => Renumber(ones, numbers))];
        _accepting = isEmpty ? [] : [.. accepting.Where((_, state) => useful[state])];
    }

    public int Count => _accepting.Length;

    public bool IsEmpty => Count == 0;

    public bool IsAccepting(int state) => _accepting[state];

    public ReadOnlySpan<Transition> TransitionsOf(int state) => _transitions[state];

    /// <summary>The texts of a regular expression.</summary>
    /// <exception cref="NoosException">The automaton becomes too large.</exception>
    public static PatternAutomaton Compile(RegexNode expression)
    {
        var nodes = new Builder();
        var (start, end) = nodes.Add(expression);
        return Determinize(nodes, start, end);
    }

    /// <summary>All texts but some.</summary>
    public static PatternAutomaton AllBut(IEnumerable<string> texts)
    {
        // A trie whose nodes accept, its ends excepted, and a state for all that has left it.
        var children = new List<Dictionary<int, int>> { new() };
        var isText = new List<bool> { false };
        foreach (var text in texts)
        {
            var node = 0;
            foreach (var rune in text.EnumerateRunes())
            {
                if (!children[node].TryGetValue(rune.Value, out var next))
                {
                    next = children.Count;
                    children[node].Add(rune.Value, next);
                    children.Add([]);
                    isText.Add(false);
                }

                node = next;
            }

            isText[node] = true;
        }

        var free = children.Count;
        var transitions = children.Select(ones =>
        {
            var known = ones.Select(one => new Transition(one.Key, one.Key, one.Value)).ToList();
            var others = CodePointSet.Create(ones.Keys.Select(key => (key, key))).Complement();
            known.AddRange(others.Ranges.Select(range => new Transition(range.Begin, range.End, free)));
            return known;
        }).ToList();
        transitions.Add([.. CodePointSet.All.Ranges.Select(range => new Transition(range.Begin, range.End, free))]);
        return new PatternAutomaton(transitions, [.. isText.Select(one => !one), true]);
    }

    /// <summary>The texts that both accept.</summary>
    public PatternAutomaton Intersect(PatternAutomaton other)
    {
        if (IsEmpty || other.IsEmpty)
        {
            return new PatternAutomaton([], []);
        }

        var numbers = new Dictionary<(int, int), int> { [(0, 0)] = 0 };
        var pairs = new List<(int, int)> { (0, 0) };
        var transitions = new List<List<Transition>>();
        var accepting = new List<bool>();
        var total = 0;
        for (var index = 0; index < pairs.Count; index++)
        {
            var (ours, theirs) = pairs[index];
            var ones = new List<Transition>();
            foreach (var a in _transitions[ours])
            {
                foreach (var b in other._transitions[theirs])
                {
                    var (begin, end) = (Math.Max(a.Begin, b.Begin), Math.Min(a.End, b.End));
                    if (begin > end)
                    {
                        continue;
                    }

                    var pair = (a.Target, b.Target);
                    if (!numbers.TryGetValue(pair, out var number))
                    {
                        number = pairs.Count;
                        numbers.Add(pair, number);
                        pairs.Add(pair);
                    }

                    ones.Add(new Transition(begin, end, number));
                }
            }

            transitions.Add(ones);
            accepting.Add(_accepting[ours] && other._accepting[theirs]);
            Check(pairs.Count, total += ones.Count);
        }

        return new PatternAutomaton(transitions, accepting);
    }

    public bool Accepts(string text)
    {
        var state = IsEmpty ? -1 : 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (state < 0)
            {
                break;
            }

            var index = Array.FindIndex(_transitions[state], one => one.Begin <= rune.Value && rune.Value <= one.End);
            state = index < 0 ? -1 : _transitions[state][index].Target;
        }

        return state >= 0 && _accepting[state];
    }

    static PatternAutomaton Determinize(Builder nodes, int start, int end)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var sets = new List<int[]>();
        var transitions = new List<List<Transition>>();
        var accepting = new List<bool>();
        var total = 0;
        var members = 0;
        Number(nodes.Closure([start]));
        for (var index = 0; index < sets.Count; index++)
        {
            var moves = sets[index].SelectMany(node => nodes.MovesOf(node)).ToArray();
            var borders = moves.SelectMany(move => move.Set.Ranges.SelectMany(range => (int[])[range.Begin, range.End + 1]))
                .Distinct()
                .Order()
                .ToArray();
            var ones = new List<Transition>();
            for (var border = 0; border + 1 < borders.Length; border++)
            {
                var targets = moves.Where(move => move.Set.Intersects(borders[border], borders[border]))
                    .Select(move => move.Target)
                    .Distinct()
                    .ToArray();
                if (targets.Length == 0)
                {
                    continue;
                }

                var target = Number(nodes.Closure(targets));
                if (ones.Count > 0 && ones[^1].Target == target && ones[^1].End + 1 == borders[border])
                {
                    ones[^1] = ones[^1] with { End = borders[border + 1] - 1 };
                }
                else
                {
                    ones.Add(new Transition(borders[border], borders[border + 1] - 1, target));
                }
            }

            transitions.Add(ones);
            Check(members < MaxMembers ? sets.Count : int.MaxValue, total += ones.Count);
        }

        return new PatternAutomaton(transitions, accepting);

        int Number(int[] set)
        {
            var key = string.Join(',', set);
            if (!numbers.TryGetValue(key, out var number))
            {
                number = sets.Count;
                members += set.Length;
                numbers.Add(key, number);
                sets.Add(set);
                accepting.Add(Array.IndexOf(set, end) >= 0);
            }

            return number;
        }
    }

    static void Check(int states, int transitions)
    {
        if (states > MaxStates || transitions > MaxTransitions)
        {
            throw new NoosException("A pattern needs too many states; simplify it.");
        }
    }

    static bool[] FindUseful(List<List<Transition>> transitions, List<bool> accepting)
    {
        var sources = new List<int>[transitions.Count];
        for (var state = 0; state < sources.Length; state++)
        {
            sources[state] = [];
        }

        for (var state = 0; state < sources.Length; state++)
        {
            foreach (var one in transitions[state])
            {
                sources[one.Target].Add(state);
            }
        }

        var useful = accepting.ToArray();
        var open = new Stack<int>(Enumerable.Range(0, useful.Length).Where(state => useful[state]));
        while (open.TryPop(out var state))
        {
            foreach (var source in sources[state].Where(source => !useful[source]))
            {
                useful[source] = true;
                open.Push(source);
            }
        }

        return useful;
    }

    static Transition[] Renumber(List<Transition> transitions, int[] numbers) =>
        [.. transitions.Where(one => numbers[one.Target] >= 0)
            .Select(one => one with { Target = numbers[one.Target] })
            .OrderBy(one => one.Begin)];

    /// <summary>Code points Begin to End lead to the target.</summary>
    public readonly record struct Transition(int Begin, int End, int Target);

    /// <summary>A nondeterministic automaton by Thompson's construction (1968).</summary>
    sealed class Builder
    {
        readonly List<List<int>> _empty = [];
        readonly List<List<(CodePointSet Set, int Target)>> _moves = [];

        public List<(CodePointSet Set, int Target)> MovesOf(int node) => _moves[node];

        public (int Start, int End) Add(RegexNode expression)
        {
            var (start, end) = (Node(), Node());
            switch (expression)
            {
                case RegexCharacters characters:
                    _moves[start].Add((characters.Set, end));
                    break;
                case RegexSequence sequence:
                    _empty[sequence.Items.Aggregate(start, Append)].Add(end);
                    break;
                case RegexChoice choice:
                    foreach (var item in choice.Items)
                    {
                        _empty[Append(start, item)].Add(end);
                    }

                    break;
                case RegexRepeat repeat:
                    AddRepeat(repeat, start, end);
                    break;
            }

            return (start, end);
        }

        public int[] Closure(int[] nodes)
        {
            var seen = new SortedSet<int>(nodes);
            var open = new Stack<int>(nodes);
            while (open.TryPop(out var node))
            {
                foreach (var next in _empty[node])
                {
                    if (seen.Add(next))
                    {
                        open.Push(next);
                    }
                }
            }

            return [.. seen];
        }

        void AddRepeat(RegexRepeat repeat, int start, int end)
        {
            var at = start;
            for (var count = 0; count < repeat.Min; count++)
            {
                at = Append(at, repeat.Item);
            }

            if (repeat.Max is { } max)
            {
                for (var count = repeat.Min; count < max; count++)
                {
                    _empty[at].Add(end);
                    at = Append(at, repeat.Item);
                }
            }
            else
            {
                var loop = Node();
                _empty[at].Add(loop);
                _empty[Append(loop, repeat.Item)].Add(loop);
                at = loop;
            }

            _empty[at].Add(end);
        }

        int Append(int at, RegexNode item)
        {
            var (start, end) = Add(item);
            _empty[at].Add(start);
            return end;
        }

        int Node()
        {
            if (_empty.Count == MaxNodes)
            {
                throw new NoosException("A pattern needs too many states; simplify it.");
            }

            _empty.Add([]);
            _moves.Add([]);
            return _empty.Count - 1;
        }
    }
}
