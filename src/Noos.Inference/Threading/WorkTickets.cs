using System.Runtime.InteropServices;

namespace Noos.Inference.Threading;

/// <summary>
/// Dynamic scheduling: hands out the work units of one phase after another to whichever worker is free, so that a thread whose core is
/// slowed by other work holds nobody up. One counter runs through all phases: a ticket beyond the end of a phase is kept for the next
/// one, so no reset and no barrier is needed between phases. Every worker must go through the same phases in the same order. Lock-free.
/// </summary>
sealed class WorkTickets(int members)
{
    readonly Place[] _places = new Place[members + 1];

    /// <summary>Starts over with the first phase; called while no worker is at work.</summary>
    public void Reset()
    {
        Array.Clear(_places);
        // The first tickets are dealt, which saves each worker one atomic operation.
        for (var member = 0; member < members; member++)
        {
            _places[member + 1].Ticket = member;
        }

        _places[0].Ticket = members;
    }

    /// <summary>Takes a unit of this phase; false when none is left, which ends the phase for this worker.</summary>
    /// <param name="member">The worker.</param>
    /// <param name="units">Units of this phase, the same for all workers.</param>
    /// <param name="unit">0 .. <paramref name="units"/> - 1</param>
    public bool TryTake(int member, int units, out int unit)
    {
        ref var place = ref _places[member + 1];
        unit = place.Ticket - place.PhaseStart;
        if (unit >= units)
        {
            // The ticket at hand is beyond this phase; it stays for the next one.
            place.PhaseStart += units;
            return false;
        }

        place.Ticket = Interlocked.Increment(ref _places[0].Ticket) - 1;
        return true;
    }

    /// <summary>Per worker, alone on its cache lines; entry 0 holds the shared counter.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    struct Place
    {
        [FieldOffset(64)]
        public int Ticket;

        [FieldOffset(68)]
        public int PhaseStart;
    }
}
