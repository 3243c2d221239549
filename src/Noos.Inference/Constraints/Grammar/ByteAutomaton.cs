using System.Runtime.CompilerServices;
using Noos.Core;

namespace Noos.Inference.Constraints.Grammar;

/// <summary>
/// A push-down automaton over bytes, determinized lazily: a state is a stack of frames, or a set of such stacks where the text so far is
/// ambiguous. Equal stacks and equal sets are interned as one state, and each state caches its transitions. Not thread-safe;
/// <see cref="TokenGrammar"/> locks around it.
/// </summary>
sealed class ByteAutomaton
{
    /// <summary>No continuation is in the language.</summary>
    public const int Dead = -1;

    /// <summary>The whole text was read, nothing may follow.</summary>
    public const int Accepted = 0;

    /// <summary>Bottom of a stack whose rest is unknown, for looking at the topmost frame alone; every byte leads back to it.</summary>
    public const int Boundary = 1;

    /// <summary>Max stacks per state (ambiguity).</summary>
    const int MaxWays = 512;

    /// <summary>Max states with cached transitions, a kilobyte each; then the cache is dropped.</summary>
    const int MaxStepTables = 1 << 15;

    /// <summary>Max states, some hundred bytes each.</summary>
    const int MaxStates = 1 << 21;

    const int Unknown = -2;
    // A transition that is being computed further up the call stack: left recursion comes back to it.
    const int Active = -3;

    readonly List<Frame> _frames = [default, default];
    readonly List<int[]?> _sets = [null, null];
    readonly List<int[]?> _steps = [null, null];
    readonly Dictionary<Frame, int> _states = [];
    readonly Dictionary<int[], int> _knownSets = new(new SetComparer());
    readonly List<(int State, byte Value)> _active = [];
    readonly HashSet<int> _entered = [];
    int _tables;
    int _outermostCut = int.MaxValue;

    public ByteAutomaton(GrammarNode root) => Start = root.Enter(this, Accepted);

    public int Start { get; }

    public int Intern(Frame frame)
    {
        if (!_states.TryGetValue(frame, out var state))
        {
            state = Add(frame, null);
            _states.Add(frame, state);
        }

        return state;
    }

    /// <summary>The state that stands for both.</summary>
    public int Union(int first, int second)
    {
        if (first == second || second == Dead)
        {
            return first;
        }

        return first == Dead ? second : Union([first, second]);
    }

    /// <summary>The stacks that a state consists of.</summary>
    public ReadOnlySpan<int> WaysOf(in int state) => state >= 0 && _sets[state] is { } set ? set : new ReadOnlySpan<int>(in state);

    /// <summary>The topmost frame of a state that is one stack.</summary>
    public Frame FrameOf(int state) => _frames[state];

    public int Step(int state, byte value)
    {
        if (state <= Boundary)
        {
            return state == Boundary ? Boundary : Dead;
        }

        var steps = _steps[state] ?? AddTable(state);
        var known = steps[value];
        return known >= Dead ? known : FindStep(state, value, known == Active);
    }

    /// <summary>
    /// The state after a token that the grammar names or that stands for those it does not name (<see cref="TokenNode.Other"/>).
    /// </summary>
    public int StepToken(int state, int token)
    {
        _entered.Clear();
        return GoOn(state, token);
    }

    /// <summary>As <see cref="StepToken"/>, for nodes that hand the question on.</summary>
    public int GoOn(int state, int token)
    {
        // A state that was entered before has contributed its stacks already.
        if (state <= Boundary || !_entered.Add(state))
        {
            return state == Boundary ? Boundary : Dead;
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new NoosException("The grammar is nested too deeply; simplify it.");
        }

        if (_sets[state] is { } set)
        {
            return Union([.. set.Select(way => GoOn(way, token))]);
        }

        var frame = _frames[state];
        var inside = frame.Node.ReadsTokens ? frame.Node.StepToken(this, frame, token) : Dead;
        return frame.Node.MayEnd(frame) ? Union(inside, GoOn(frame.Next, token)) : inside;
    }

    /// <summary>Some byte can come next.</summary>
    public bool ReadsBytes(int state)
    {
        for (var value = 0; value < 256; value++)
        {
            if (Step(state, (byte)value) != Dead)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The text may end here.</summary>
    public bool IsAccepting(int state)
    {
        while (state > Boundary)
        {
            if (_sets[state] is { } set)
            {
                return Array.Exists(set, IsAccepting);
            }

            var frame = _frames[state];
            if (!frame.Node.MayEnd(frame))
            {
                return false;
            }

            state = frame.Next;
        }

        return state == Accepted;
    }

    /// <summary>Appends bytes that must follow and returns the state after them.</summary>
    /// <param name="state">Where to begin.</param>
    /// <param name="bytes">Takes the bytes.</param>
    /// <param name="max">The most bytes in it at the end: grammars of a line force texts of any length.</param>
    /// <param name="mayStop">Something else than a byte may follow.</param>
    public int Force(int state, List<byte> bytes, int max, Predicate<int> mayStop)
    {
        while (bytes.Count < max && !IsAccepting(state) && !mayStop(state) && OnlyByte(state) is { } value)
        {
            bytes.Add(value);
            state = Step(state, value);
        }

        return state;
    }

    int FindStep(int state, byte value, bool isActive)
    {
        if (isActive)
        {
            // No byte was read since the same question: the cycle adds nothing that is not found without it.
            _outermostCut = Math.Min(_outermostCut, _active.IndexOf((state, value)));
            return Dead;
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new NoosException("The grammar is nested too deeply; simplify it.");
        }

        var depth = _active.Count;
        _active.Add((state, value));
        _steps[state]![value] = Active;
        var next = Unknown;
        try
        {
            next = Compute(state, value);
        }
        finally
        {
            _active.RemoveAt(depth);
            // A result found below a cut cycle is only complete at the place where the cycle began; cache it nowhere else.
            var isWhole = _outermostCut >= depth;
            _outermostCut = isWhole ? int.MaxValue : _outermostCut;
            (_steps[state] ?? AddTable(state))[value] = isWhole ? next : Unknown;
        }

        return next;
    }

    int Compute(int state, byte value)
    {
        if (_sets[state] is { } set)
        {
            var next = new List<int>(set.Length);
            foreach (var way in set)
            {
                next.Add(Step(way, value));
            }

            return Union([.. next]);
        }

        var frame = _frames[state];
        var inside = frame.Node.Step(this, frame, value);
        return frame.Node.MayEnd(frame) ? Union(inside, Step(frame.Next, value)) : inside;
    }

    int Union(int[] states)
    {
        var ways = new SortedSet<int>();
        // Sorted, so that equal sets are equal arrays.
        foreach (var state in states)
        {
            foreach (var way in WaysOf(state))
            {
                if (way != Dead)
                {
                    ways.Add(way);
                }
            }
        }

        if (ways.Count < 2)
        {
            return ways.Count == 0 ? Dead : ways.Min;
        }

        if (ways.Count > MaxWays)
        {
            throw new NoosException($"The grammar can read the text in more than {MaxWays} ways at once; make it less ambiguous.");
        }

        int[] set = [.. ways];
        if (!_knownSets.TryGetValue(set, out var known))
        {
            known = Add(default, set);
            _knownSets.Add(set, known);
        }

        return known;
    }

    int Add(Frame frame, int[]? set)
    {
        if (_frames.Count == MaxStates)
        {
            throw new NoosException(ErrorKind.OutOfMemory, "The grammar needs too much memory; simplify it or generate less.");
        }

        _frames.Add(frame);
        _sets.Add(set);
        _steps.Add(null);
        return _frames.Count - 1;
    }

    int[] AddTable(int state)
    {
        // Not while a transition is computed: its table is in use further up.
        if (_tables == MaxStepTables && _active.Count == 0)
        {
            for (var index = 0; index < _steps.Count; index++)
            {
                _steps[index] = null;
            }

            _tables = 0;
        }

        var table = new int[256];
        Array.Fill(table, Unknown);
        _steps[state] = table;
        _tables++;
        return table;
    }

    byte? OnlyByte(int state)
    {
        byte? only = null;
        for (var value = 0; value < 256; value++)
        {
            if (Step(state, (byte)value) == Dead)
            {
                continue;
            }

            if (only is not null)
            {
                return null;
            }

            only = (byte)value;
        }

        return only;
    }

    sealed class SetComparer : IEqualityComparer<int[]>
    {
        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] obj)
        {
            var hash = new HashCode();
            foreach (var value in obj)
            {
                hash.Add(value);
            }

            return hash.ToHashCode();
        }
    }
}
