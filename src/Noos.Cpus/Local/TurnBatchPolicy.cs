using Noos.Inference.Batching;
using Noos.Kernel.Processes;
using Noos.Kernel.Scheduling;

namespace Noos.Cpus.Local;

/// <summary>
/// The kernel's scheduler as the policy of our engine: the priority and owner of a turn decide who goes into the next pass. Sequences
/// without a <see cref="TurnTag"/> count as those of a person. For one engine.
/// </summary>
/// <param name="timeProvider">Measures passes.</param>
sealed class TurnBatchPolicy(TimeProvider? timeProvider = null) : IBatchPolicy
{
    // A pass for no person ends so soon, since a person may come meanwhile; smaller passes than this would cost too much speed.
    static readonly TimeSpan s_maxBackgroundPass = TimeSpan.FromMilliseconds(100);

    // What a reader sees as a pause.
    static readonly TimeSpan s_maxGap = TimeSpan.FromMilliseconds(60);

    const int MinBackgroundTokens = 48;

    // Longer passes of a small model would take less than the time above, and read hardly more a second.
    const int MaxBackgroundTokens = 128;

    readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    readonly TurnScheduler _scheduler = new();
    RunnableTurn[] _turns = new RunnableTurn[8];
    (int Index, int Tokens)[] _plan = new (int, int)[8];
    long _plannedAt;
    int _plannedTokens;
    double _secondsPerToken;

    /// <inheritdoc/>
    public int Plan(ReadOnlySpan<SequenceView> ready, int tokenBudget, Span<TokenGrant> grants)
    {
        if (_turns.Length < ready.Length)
        {
            (_turns, _plan) = (new RunnableTurn[2 * ready.Length], new (int, int)[2 * ready.Length]);
        }

        var isForPerson = false;
        for (var index = 0; index < ready.Length; index++)
        {
            var view = ready[index];
            var tag = view.Tag as TurnTag;
            var priority = tag?.Priority ?? ProcessPriority.Interactive;
            isForPerson |= priority == ProcessPriority.Interactive;
            _turns[index] = new RunnableTurn(tag?.Owner, priority, view.Remaining, view.Waited);
        }

        var now = _timeProvider.GetTimestamp();
        Measure(now);
        var budget = isForPerson || _secondsPerToken == 0
            ? tokenBudget
            : Math.Min(
                tokenBudget,
                Math.Clamp((int)(s_maxBackgroundPass.TotalSeconds / _secondsPerToken), MinBackgroundTokens, MaxBackgroundTokens));
        var count = _scheduler.Plan(_turns.AsSpan(0, ready.Length), budget, _plan);
        var tokens = 0;
        for (var i = 0; i < count; i++)
        {
            grants[i] = new TokenGrant(_plan[i].Index, _plan[i].Tokens);
            tokens += _plan[i].Tokens;
        }

        (_plannedAt, _plannedTokens) = (now, tokens);
        return count;
    }

    /// <inheritdoc/>
    public TimeSpan MaxGap(ReadOnlySpan<SequenceView> ready)
    {
        foreach (var view in ready)
        {
            if ((view.Tag as TurnTag)?.Priority != ProcessPriority.Background)
            {
                return s_maxGap;
            }
        }

        return s_maxBackgroundPass;
    }

    /// <summary>
    /// The time from one plan to the next is that of a pass, or longer where the engine had nothing to do; so shorter ones are believed at
    /// once and longer ones slowly. Only passes with many tokens say something of prompts.
    /// </summary>
    void Measure(long now)
    {
        if (_plannedTokens < MinBackgroundTokens / 2)
        {
            return;
        }

        var seconds = _timeProvider.GetElapsedTime(_plannedAt, now).TotalSeconds / _plannedTokens;
        _secondsPerToken = _secondsPerToken == 0 ? seconds : Math.Min(seconds, 1.25 * _secondsPerToken);
    }
}
