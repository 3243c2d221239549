using Noos.Kernel.Processes;

namespace Noos.Kernel.Scheduling;

/// <summary>
/// Who goes into the next pass of a model that runs many turns together. Classes first (<see cref="ProcessPriority"/>), raised with the
/// time that a turn has waited, so that nobody starves; within a class the owner who has had the fewest tokens (start-time fair queuing,
/// Goyal et al. 1996, over tokens instead of bytes). A prompt of a person who waits goes alone with the answers of persons: it is read at
/// the full speed of the machine. One scheduler per CPU; called by one thread at a time.
/// </summary>
/// <param name="maxTurns">Most turns in one pass: more make each answer slower.</param>
public sealed class TurnScheduler(int maxTurns = 64)
{
    // After so long a turn counts as one class higher; a background turn that nobody lets in moves on about once a second.
    static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(400);

    // Raised prompts still come behind those of the class itself, for so long a class: a crowd of background turns that all have waited
    // must not be read before the one person who comes.
    static readonly TimeSpan s_courtesy = TimeSpan.FromSeconds(10);

    readonly Dictionary<string, long> _served = new(StringComparer.Ordinal);
    readonly List<int> _order = [];
    (int Class, int Rank, long Served, int Index)[] _keys = [];

    /// <summary>Plans a pass.</summary>
    /// <param name="ready">The turns with tokens to compute, in the order in which they came.</param>
    /// <param name="tokenBudget">Max tokens of the pass.</param>
    /// <param name="grants">As long as <paramref name="ready"/>; receives index and tokens of those who go.</param>
    /// <returns>Number of grants, at least one.</returns>
    public int Plan(ReadOnlySpan<RunnableTurn> ready, int tokenBudget, Span<(int Index, int Tokens)> grants)
    {
        Enter(ready);
        Sort(ready);
        var isPersonWaiting = false;
        foreach (var turn in ready)
        {
            isPersonWaiting |= turn is { Priority: ProcessPriority.Interactive, Remaining: > 1 };
        }

        var (count, left) = (0, Math.Max(1, tokenBudget));
        // Answers under way, one token each.
        foreach (var index in _order)
        {
            if (ready[index].Remaining == 1 && count < maxTurns && left > 0 && (!isPersonWaiting || ClassOf(ready[index]) == 0))
            {
                grants[count++] = (index, 1);
                left--;
            }
        }

        // Prompts, in what room is left.
        foreach (var index in _order)
        {
            if (ready[index].Remaining > 1 && count < ready.Length && left > 0 && (!isPersonWaiting || ClassOf(ready[index]) == 0))
            {
                var tokens = Math.Min(left, ready[index].Remaining);
                grants[count++] = (index, tokens);
                left -= tokens;
            }
        }

        for (var i = 0; i < count; i++)
        {
            _served[OwnerOf(ready[grants[i].Index])] += grants[i].Tokens;
        }

        return count;
    }

    static int ClassOf(in RunnableTurn turn) => Math.Max(0, (int)turn.Priority - (int)(turn.Waited / s_patience));

    // Only prompts: a single token of an answer keeps nobody waiting.
    static int RankOf(in RunnableTurn turn) =>
        turn.Remaining == 1 ? 0 : Math.Max(0, (int)turn.Priority - (int)(turn.Waited / s_courtesy));

    static string OwnerOf(in RunnableTurn turn) => turn.Owner ?? "";

    /// <summary>An owner who comes back has the least that anyone has: being away earns nothing.</summary>
    void Enter(ReadOnlySpan<RunnableTurn> ready)
    {
        var least = long.MaxValue;
        var isNew = false;
        foreach (var turn in ready)
        {
            if (_served.TryGetValue(OwnerOf(turn), out var served))
            {
                least = Math.Min(least, served);
            }
            else
            {
                isNew = true;
            }
        }

        if (isNew)
        {
            foreach (var turn in ready)
            {
                _served.TryAdd(OwnerOf(turn), least == long.MaxValue ? 0 : least);
            }
        }

        // Who has nothing to do is forgotten.
        if (_served.Count > 4 * ready.Length)
        {
            var present = new HashSet<string>(StringComparer.Ordinal);
            foreach (var turn in ready)
            {
                present.Add(OwnerOf(turn));
            }

            foreach (var owner in _served.Keys.Where(owner => !present.Contains(owner)).ToArray())
            {
                _served.Remove(owner);
            }
        }
    }

    void Sort(ReadOnlySpan<RunnableTurn> ready)
    {
        _order.Clear();
        if (_keys.Length < ready.Length)
        {
            _keys = new (int, int, long, int)[2 * ready.Length];
        }

        var keys = _keys.AsSpan(0, ready.Length);
        for (var index = 0; index < ready.Length; index++)
        {
            keys[index] = (ClassOf(ready[index]), RankOf(ready[index]), _served[OwnerOf(ready[index])], index);
        }

        keys.Sort();
        foreach (var key in keys)
        {
            _order.Add(key.Index);
        }
    }
}

/// <summary>A turn with tokens to compute.</summary>
/// <param name="Owner">Whose.</param>
/// <param name="Priority">Its class.</param>
/// <param name="Remaining">Tokens to compute; 1 for an answer under way.</param>
/// <param name="Waited">Since its tokens came, or since some of them were last computed.</param>
public readonly record struct RunnableTurn(string? Owner, ProcessPriority Priority, int Remaining, TimeSpan Waited);
