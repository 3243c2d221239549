namespace Noos.Inference.Constraints;

/// <summary>
/// A deterministic automaton over bytes, made while it is used: a state is a stack of frames, equal stacks are one state, and each
/// state remembers its steps. Not thread-safe.
/// </summary>
sealed class ByteAutomaton
{
    /// <summary>No continuation is in the language.</summary>
    public const int Dead = -1;

    /// <summary>The whole text was read, nothing may follow.</summary>
    public const int Accepted = 0;

    const int Unknown = -2;

    readonly List<Frame> _frames = [default];
    readonly List<int[]?> _steps = [null];
    readonly Dictionary<Frame, int> _states = [];

    public ByteAutomaton(GrammarNode root) => Start = root.Enter(this, Accepted);

    public int Start { get; }

    public int Intern(Frame frame)
    {
        if (!_states.TryGetValue(frame, out var state))
        {
            state = _frames.Count;
            _frames.Add(frame);
            _steps.Add(null);
            _states.Add(frame, state);
        }

        return state;
    }

    public int Step(int state, byte value)
    {
        if (state <= Accepted)
        {
            return Dead;
        }

        var steps = _steps[state];
        if (steps is null)
        {
            steps = new int[256];
            Array.Fill(steps, Unknown);
            _steps[state] = steps;
        }

        if (steps[value] == Unknown)
        {
            var frame = _frames[state];
            var next = frame.Node.Step(this, frame, value);
            if (next == Dead && frame.Node.MayEnd(frame))
            {
                next = Step(frame.Next, value);
            }

            steps[value] = next;
        }

        return steps[value];
    }

    /// <summary>The text may end here.</summary>
    public bool IsAccepting(int state)
    {
        while (state > Accepted)
        {
            var frame = _frames[state];
            if (!frame.Node.MayEnd(frame))
            {
                return false;
            }

            state = frame.Next;
        }

        return state == Accepted;
    }

    /// <summary>Appends the bytes that must follow and returns the state after them.</summary>
    public int Force(int state, List<byte> bytes)
    {
        while (!IsAccepting(state) && OnlyByte(state) is { } value)
        {
            bytes.Add(value);
            state = Step(state, value);
        }

        return state;
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
}
