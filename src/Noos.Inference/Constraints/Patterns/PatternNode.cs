using System.Collections;
using Noos.Core;
using Noos.Inference.Constraints.Grammar;

namespace Noos.Inference.Constraints.Patterns;

/// <summary>
/// A JSON string whose characters an automaton accepts and whose length, in code points, lies between limits. Each text is written in one
/// way: quotes, backslashes and control characters are escaped, everything else is UTF-8.
/// </summary>
sealed class PatternNode : GrammarNode
{
    /// <summary>Above, a pattern with both limits would need too much memory.</summary>
    const int MaxLength = 4096;

    const int Start = 0;
    // One, two and three bytes of a character are left: 1, 2, 3.
    const int Between = 4;
    const int Escape = 5;
    const int FirstHex = 6;

    const int LengthBits = 32;
    const int Endless = int.MaxValue;

    static readonly (byte Letter, int CodePoint)[] s_escapes =
        [((byte)'"', '"'), ((byte)'\\', '\\'), ((byte)'n', '\n'), ((byte)'r', '\r'), ((byte)'t', '\t'), ((byte)'b', '\b'),
            ((byte)'f', '\f')];

    readonly PatternAutomaton _automaton;
    readonly int _min;
    readonly int? _max;
    readonly int[] _shortest;       // characters until the nearest end
    readonly int _furthest;         // the largest of them
    readonly int[] _longest;        // characters until the furthest end
    readonly BitArray[]? _lengths;  // with both limits: the possible numbers of characters until an end

    public PatternNode(PatternAutomaton automaton, int min, int? max)
    {
        _automaton = automaton;
        _min = min;
        _max = max;
        _shortest = FindShortest();
        _furthest = _shortest.Append(0).Max();
        _longest = FindLongest();
        _lengths = min > 0 && max is { } limit ? FindLengths(limit) : null;
    }

    public override bool HasText(Predicate<GrammarNode> partHasText) => !_automaton.IsEmpty && CanEnd(0, 0);

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var (state, length) = Unpack(frame.Detail);
        switch (frame.Position)
        {
            case Start:
                return value == '"' ? automaton.Intern(frame with { Position = Between }) : ByteAutomaton.Dead;
            case Between when value == '"':
                return _automaton.IsAccepting(state) && length >= _min ? frame.Next : ByteAutomaton.Dead;
            case Between when value == '\\':
                return Array.Exists(s_escapes, escape => Target(state, length, escape.CodePoint) >= 0) || HasControl(state, length, 0, 0x1F)
                    ? automaton.Intern(frame with { Position = Escape })
                    : ByteAutomaton.Dead;
            case Between:
                return value < 0x20 ? ByteAutomaton.Dead : Character(automaton, frame, Utf8.Begin(value, out var begun), begun);
            case Escape when value == 'u':
                return HasControl(state, length, 0, 0x1F) ? automaton.Intern(frame with { Position = FirstHex }) : ByteAutomaton.Dead;
            case Escape:
                var index = Array.FindIndex(s_escapes, escape => escape.Letter == value);
                return index < 0 ? ByteAutomaton.Dead : Finish(automaton, frame, s_escapes[index].CodePoint);
            case >= FirstHex:
                return Hex(automaton, frame, value);
            default:
                var range = frame.Candidates;
                var left = Utf8.Continue(value, frame.Position, ref range);
                return Character(automaton, frame, left, range);
        }
    }

    public override Frame Within(in Frame frame, int bytes)
    {
        if (_lengths is not null)
        {
            return frame;
        }

        var (state, length) = Unpack(frame.Detail);
        return _max - length - _furthest > bytes && length >= _min ? frame with { Detail = Pack(state, _min) } : frame;
    }

    static (int State, int Length) Unpack(long detail) => ((int)(detail >> LengthBits), (int)detail);

    static long Pack(int state, int length) => ((long)state << LengthBits) | (uint)length;

    int Character(ByteAutomaton automaton, in Frame frame, int left, Range32 range)
    {
        var (state, length) = Unpack(frame.Detail);
        if (left < 0)
        {
            return ByteAutomaton.Dead;
        }

        if (left == 0)
        {
            return range.Begin is '"' or '\\' ? ByteAutomaton.Dead : Finish(automaton, frame, range.Begin);
        }

        foreach (var one in _automaton.TransitionsOf(state))
        {
            if (one.Begin <= range.End && range.Begin <= one.End && CanEnd(one.Target, length + 1))
            {
                return automaton.Intern(frame with { Position = left, Candidates = range });
            }
        }

        return ByteAutomaton.Dead;
    }

    int Hex(ByteAutomaton automaton, in Frame frame, byte value)
    {
        if (!char.IsAsciiHexDigitLower((char)value))
        {
            return ByteAutomaton.Dead;
        }

        var (state, length) = Unpack(frame.Detail);
        var code = (frame.Candidates.Begin * 16) + Convert.ToInt32(((char)value).ToString(), 16);
        var shift = 4 * (3 - (frame.Position - FirstHex));
        return !HasControl(state, length, code << shift, ((code + 1) << shift) - 1) ? ByteAutomaton.Dead
            : shift == 0 ? Finish(automaton, frame, code)
            : automaton.Intern(frame with { Position = frame.Position + 1, Candidates = new Range32(code, 0) });
    }

    /// <summary>Whether a control character without an escape of its own may come.</summary>
    bool HasControl(int state, int length, int begin, int end)
    {
        for (var code = begin; code <= Math.Min(end, 0x1F); code++)
        {
            if (code is not ('\n' or '\r' or '\t' or '\b' or '\f') && Target(state, length, code) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    int Finish(ByteAutomaton automaton, in Frame frame, int codePoint)
    {
        var (state, length) = Unpack(frame.Detail);
        var target = Target(state, length, codePoint);
        // Lengths that no limit can tell apart are one state.
        return target < 0 ? ByteAutomaton.Dead
            : automaton.Intern(
                frame with { Position = Between, Detail = Pack(target, Math.Min(length + 1, _max ?? _min)), Candidates = default });
    }

    int Target(int state, int length, int codePoint)
    {
        foreach (var one in _automaton.TransitionsOf(state))
        {
            if (one.Begin <= codePoint && codePoint <= one.End)
            {
                return CanEnd(one.Target, length + 1) ? one.Target : -1;
            }
        }

        return -1;
    }

    bool CanEnd(int state, int length)
    {
        if (_lengths is not null)
        {
            for (var more = Math.Max(_min - length, 0); more <= _max - length; more++)
            {
                if (_lengths[state][more])
                {
                    return true;
                }
            }

            return false;
        }

        return !(_shortest[state] > _max - length) && (_longest[state] == Endless || _longest[state] >= _min - length);
    }

    int[] FindShortest()
    {
        var distances = new int[_automaton.Count];
        for (var state = 0; state < distances.Length; state++)
        {
            distances[state] = _automaton.IsAccepting(state) ? 0 : Endless;
        }

        for (var hasChanged = true; hasChanged;)
        {
            hasChanged = false;
            for (var state = distances.Length - 1; state >= 0; state--)
            {
                foreach (var one in _automaton.TransitionsOf(state))
                {
                    if (distances[one.Target] != Endless && distances[one.Target] + 1 < distances[state])
                    {
                        distances[state] = distances[one.Target] + 1;
                        hasChanged = true;
                    }
                }
            }
        }

        return distances;
    }

    /// <summary>Endless where a cycle can be reached: every state leads to an end.</summary>
    int[] FindLongest()
    {
        var longest = new int[_automaton.Count];
        var waiting = new int[longest.Length];
        var sources = new List<int>[longest.Length];
        for (var state = 0; state < sources.Length; state++)
        {
            sources[state] = [];
            longest[state] = Endless;
        }

        for (var state = 0; state < sources.Length; state++)
        {
            foreach (var target in TargetsOf(state))
            {
                sources[target].Add(state);
                waiting[state]++;
            }
        }

        // From the ends backwards; what lies on or before a cycle is never reached.
        var open = new Stack<int>(Enumerable.Range(0, longest.Length).Where(state => waiting[state] == 0));
        while (open.TryPop(out var state))
        {
            longest[state] = TargetsOf(state).Select(target => longest[target] + 1).Append(0).Max();
            foreach (var source in sources[state])
            {
                if (--waiting[source] == 0)
                {
                    open.Push(source);
                }
            }
        }

        return longest;
    }

    HashSet<int> TargetsOf(int state)
    {
        var targets = new HashSet<int>();
        foreach (var one in _automaton.TransitionsOf(state))
        {
            targets.Add(one.Target);
        }

        return targets;
    }

    BitArray[] FindLengths(int limit)
    {
        if (limit > MaxLength || (long)limit * _automaton.Count > 1 << 22)
        {
            throw new NoosException(
                $"A pattern together with maxLength {limit} is too large; lower maxLength or write the length into the pattern.");
        }

        var lengths = new BitArray[_automaton.Count];
        for (var state = 0; state < lengths.Length; state++)
        {
            lengths[state] = new BitArray(limit + 1);
            lengths[state][0] = _automaton.IsAccepting(state);
        }

        var targets = Enumerable.Range(0, lengths.Length).Select(TargetsOf).ToArray();
        for (var length = 1; length <= limit; length++)
        {
            for (var state = 0; state < lengths.Length; state++)
            {
                lengths[state][length] = targets[state].Any(target => lengths[target][length - 1]);
            }
        }

        return lengths;
    }
}
