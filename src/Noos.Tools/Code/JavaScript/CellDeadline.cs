using System.Diagnostics;
using Jint;

namespace Noos.Tools.Code.JavaScript;

/// <summary>
/// Ends a script when its time is over or somebody has stopped it. Jint's own is asked now and then only, by the number of statements: a
/// few slow statements, such as products of long integers, would go on for minutes. This one is asked before each, and bounds a cell, not
/// each entry into the engine.
/// </summary>
sealed class CellDeadline : Constraint
{
    long _end = long.MaxValue;
    CancellationToken _stop;

    public void Begin(TimeSpan time, CancellationToken stop)
    {
        _end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        _stop = stop;
    }

    public void End()
    {
        _end = long.MaxValue;
        _stop = CancellationToken.None;
    }

    public override void Check()
    {
        _stop.ThrowIfCancellationRequested();
        if (Stopwatch.GetTimestamp() > _end)
        {
            throw new TimeoutException();
        }
    }

    // The engine resets at each entry; a cell may enter several times, for its code and for showing its result.
    public override void Reset()
    {
    }
}
