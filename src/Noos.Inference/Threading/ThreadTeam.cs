using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Noos.Inference.Threading;

/// <summary>
/// A fixed team of worker threads, the caller being worker 0, that runs one job together (llama.cpp's threadpool). All workers run the
/// same code (SPMD), a sequence of phases: <see cref="TryTake"/> hands out the units of a phase to whoever is free, and a phase is over
/// when its units are done, not when all workers have arrived. So a worker that the operating system has taken off its core holds up
/// the others for the unit in its hands at most; when it comes back it runs through the phases that went on without it, finding no units
/// there, and joins in where the others are. On a machine that has other work a team in lockstep would stand still instead.
/// Threads: any thread calls <see cref="Run"/>; calls exclude each other and return when the last phase is over. A job must take the same
/// phases on every worker, read what changes from phase to phase only while it holds a unit (a late worker may still be in the code of
/// the job before), and not throw.
/// </summary>
sealed class ThreadTeam : IDisposable
{
    // What a wake-up costs, twice or so: shorter waits spin, longer ones leave the core to others. Yielding instead would give the rest
    // of a time slice away, also to a process of the lowest priority.
    static readonly long s_spinTicks = Stopwatch.Frequency / 1_000_000 * 150;

    // The word that workers compete for: job, phase of the job, next unit of the phase.
    const int UnitBits = 23;
    const int PhaseBits = 21;
    const ulong UnitMask = (1UL << UnitBits) - 1;
    const ulong JobMask = (1UL << (64 - UnitBits - PhaseBits)) - 1;

    // The phase of a job that is over; no job has so many.
    const ulong ClosedPhase = ((1UL << PhaseBits) - 1) << UnitBits;

    readonly Lock _running = new();
    readonly Seat[] _seats;
    readonly object[] _gates;
    readonly Thread[] _threads;
    volatile Assignment _assignment = new(0, static _ => { });
    bool _disposed;

    // All fields that workers write stand alone on their cache lines.
    PaddedLong _open;
    PaddedLong _done;
    PaddedLong _parked;

    public ThreadTeam(int size)
    {
        Size = size;
        _seats = new Seat[size + 1];
        _gates = new object[size];
        _threads = new Thread[size - 1];
        for (var member = 0; member < size; member++)
        {
            _gates[member] = new object();
        }

        for (var member = 1; member < size; member++)
        {
            // A copy, because the lambda would capture the loop variable.
            var self = member;
            _threads[member - 1] = new Thread(() => Work(self)) { IsBackground = true, Name = $"noos-inference-{member}" };
            _threads[member - 1].Start();
        }
    }

    /// <summary>Number of workers including the caller.</summary>
    public int Size { get; }

    ulong Open => Volatile.Read(ref _open.Value);

    /// <summary>
    /// Runs <paramref name="job"/> with 0 .. <see cref="Size"/> - 1 on all workers and returns when its last phase is over.
    /// </summary>
    public void Run(Action<int> job)
    {
        lock (_running)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var assignment = Assign(job);
            Execute(0, assignment);
            // The phase behind the last one stands open. A late worker that sees what the caller changes from now on may take it for one
            // more phase of its job; so it is closed before the caller can change anything.
            Interlocked.Exchange(ref _open.Value, assignment.FirstPhase | ClosedPhase);
        }
    }

    /// <summary>Takes a unit of the current phase; false when none is left, or when the phase has gone on without this worker.</summary>
    /// <param name="member">The worker.</param>
    /// <param name="units">Units of this phase, the same for all workers. A phase has one loop of calls.</param>
    /// <param name="unit">0 .. <paramref name="units"/> - 1</param>
    public bool TryTake(int member, int units, out int unit)
    {
        ref var seat = ref _seats[member + 1];
        seat.Units = units;
        for (var open = Open; (open & ~UnitMask) == seat.Phase; open = Open)
        {
            unit = (int)(open & UnitMask);
            if (unit >= units)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _open.Value, open + 1, open) == open)
            {
                seat.Taken++;
                return true;
            }
        }

        unit = 0;
        return false;
    }

    /// <summary>
    /// Ends the worker's part of the phase and returns when all its units are done; what was written before is then visible to all.
    /// Without units taken out since the last end there is nothing to wait for.
    /// </summary>
    public void EndPhase(int member)
    {
        if (_seats[member + 1].Units > 0 && EnterSerial(member))
        {
            LeaveSerial(member);
        }
    }

    /// <summary>
    /// Ends a phase with serial work: the worker that finishes it gets true, does the work and calls <see cref="LeaveSerial"/>; the
    /// others get false once it has.
    /// </summary>
    public bool EnterSerial(int member)
    {
        ref var seat = ref _seats[member + 1];
        if (seat.Units == 0)
        {
            // A phase of serial work alone goes to whoever comes first.
            if (TryTake(member, 1, out _))
            {
                return true;
            }
        }
        else if (seat.Taken > 0 && Interlocked.Add(ref _done.Value, (ulong)seat.Taken) == (ulong)seat.Units)
        {
            return true;
        }

        Await(member, seat.Phase, ~UnitMask);
        Advance(ref seat);
        return false;
    }

    /// <summary>Ends the serial work and opens the next phase.</summary>
    public void LeaveSerial(int member)
    {
        ref var seat = ref _seats[member + 1];
        Advance(ref seat);
        // Before the next phase opens: its units may be done at once.
        _done.Value = 0;
        Publish(seat.Phase);
    }

    /// <summary>
    /// Ends the phase and numbers the next one, for jobs whose number of phases depends on data that only those see who work on them (the
    /// experts of a block): behind the data the numbers agree again.
    /// </summary>
    /// <param name="member">The worker.</param>
    /// <param name="next">Greater than the number of phases so far, counted from 0.</param>
    public void EndPhase(int member, int next)
    {
        ref var seat = ref _seats[member + 1];
        var phase = (seat.Phase & (JobMask << (UnitBits + PhaseBits))) | ((ulong)next << UnitBits);
        if (EnterSerial(member))
        {
            seat.Phase = phase - (1UL << UnitBits);
            LeaveSerial(member);
        }

        seat.Phase = phase;
    }

    public void Dispose()
    {
        lock (_running)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            Assign(static _ => { });
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    static void Advance(ref Seat seat)
    {
        seat.Phase += 1UL << UnitBits;
        seat.Units = 0;
        seat.Taken = 0;
    }

    Assignment Assign(Action<int> job)
    {
        var assignment = new Assignment((_assignment.Number + 1) & JobMask, job);
        _assignment = assignment;
        Publish(assignment.FirstPhase);
        return assignment;
    }

    void Work(int member)
    {
        for (var assignment = _assignment; ;)
        {
            Await(member, assignment.FirstPhase, JobMask << (UnitBits + PhaseBits));
            assignment = _assignment;
            if (Volatile.Read(ref _disposed))
            {
                return;
            }

            Execute(member, assignment);
        }
    }

    void Execute(int member, Assignment assignment)
    {
        ref var seat = ref _seats[member + 1];
        seat.Phase = assignment.FirstPhase;
        seat.Units = 0;
        seat.Taken = 0;
        assignment.Job(member);
        EndPhase(member);
    }

    /// <summary>Returns when the open word differs from <paramref name="value"/> in the bits of <paramref name="mask"/>.</summary>
    void Await(int member, ulong value, ulong mask)
    {
        for (var start = 0L; (Open & mask) == value;)
        {
            for (var spin = 0; spin < 16 && (Open & mask) == value; spin++)
            {
                Thread.SpinWait(1);
            }

            var now = Stopwatch.GetTimestamp();
            if (start == 0)
            {
                start = now;
            }
            else if (now - start > s_spinTicks)
            {
                Park(member, value, mask);
                start = 0;
            }
        }
    }

    void Park(int member, ulong value, ulong mask)
    {
        ref var isParked = ref _seats[member + 1].IsParked;
        // Announce first, then look again; Publish writes first, then looks for who is parked. So one of the two sees the other, and no
        // wake-up is lost.
        Volatile.Write(ref isParked, 1);
        Interlocked.Increment(ref _parked.Value);
        if ((Open & mask) == value)
        {
            lock (_gates[member])
            {
                while (Volatile.Read(ref isParked) == 1)
                {
                    Monitor.Wait(_gates[member]);
                }
            }
        }

        Volatile.Write(ref isParked, 0);
        Interlocked.Decrement(ref _parked.Value);
    }

    void Publish(ulong word)
    {
        // A full fence: see Park.
        Interlocked.Exchange(ref _open.Value, word);
        if (Volatile.Read(ref _parked.Value) == 0)
        {
            return;
        }

        for (var member = 0; member < Size; member++)
        {
            if (Interlocked.Exchange(ref _seats[member + 1].IsParked, 0) == 1)
            {
                lock (_gates[member])
                {
                    Monitor.Pulse(_gates[member]);
                }
            }
        }
    }

    /// <summary>A job and its number; one object, so that a late worker never runs one under the number of another.</summary>
    sealed record Assignment(ulong Number, Action<int> Job)
    {
        public ulong FirstPhase => Number << (UnitBits + PhaseBits);
    }

    /// <summary>What a worker knows: its place in the job. Written by the worker, except <see cref="IsParked"/>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    struct Seat
    {
        /// <summary>Job and phase, where the open word has them.</summary>
        [FieldOffset(128)]
        public ulong Phase;

        /// <summary>Units of the phase; 0 as long as none was asked for.</summary>
        [FieldOffset(136)]
        public int Units;

        /// <summary>Units this worker has taken and not yet reported as done.</summary>
        [FieldOffset(140)]
        public int Taken;

        [FieldOffset(144)]
        public int IsParked;
    }

    /// <summary>A number alone on its cache lines (false sharing); 128 bytes to each side, because cores prefetch lines in pairs.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    struct PaddedLong
    {
        [FieldOffset(128)]
        public ulong Value;
    }
}
