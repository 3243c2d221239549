using System.Runtime.InteropServices;

namespace Noos.Inference.Transformer;

/// <summary>
/// Hands out the units of one phase after another to whoever is free, so that a thread whose core is slowed by other work holds nobody
/// up. One counter runs through all phases: a ticket beyond the end of a phase is kept for the next one. Every member must go through
/// the same phases in the same order.
/// </summary>
sealed class WorkTickets(int members)
{
    readonly Place[] _places = new Place[members + 1];

    /// <summary>Begins anew; called while no member is at work.</summary>
    public void Reset()
    {
        Array.Clear(_places);
        for (var member = 0; member < members; member++)
        {
            _places[member + 1].Ticket = member;
        }

        _places[0].Ticket = members;
    }

    /// <summary>Takes a unit of this phase; false when none is left, which ends the phase for this member.</summary>
    /// <param name="member">Who asks.</param>
    /// <param name="units">Units of this phase, the same for all members.</param>
    /// <param name="unit">0 .. <paramref name="units"/> - 1</param>
    public bool TryTake(int member, int units, out int unit)
    {
        ref var place = ref _places[member + 1];
        unit = place.Ticket - place.PhaseStart;
        if (unit >= units)
        {
            place.PhaseStart += units;
            return false;
        }

        place.Ticket = Interlocked.Increment(ref _places[0].Ticket) - 1;
        return true;
    }

    /// <summary>Alone on its cache lines. The first one's ticket is the next to be handed out.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    struct Place
    {
        [FieldOffset(64)]
        public int Ticket;

        [FieldOffset(68)]
        public int PhaseStart;
    }
}
