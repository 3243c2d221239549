using System.Runtime.InteropServices;

namespace Noos.Inference;

/// <summary>
/// A fixed team of threads, the caller being member 0, that runs one job in lockstep. A forward pass is one job with barriers inside:
/// waking threads for every layer would cost more than the layer. Members spin for a moment, then yield the processor, then sleep.
/// </summary>
sealed class ThreadTeam : IDisposable
{
    // About two microseconds. Longer spinning gains little where every member has a processor, because yielding then returns at once;
    // where members share one, each must give way for the others to arrive at all.
    const int SpinsBeforeYield = 64;
    // About a millisecond on an idle machine, which covers the pause between two tokens.
    const int YieldsBeforeSleep = 2048;

    readonly Lock _running = new();
    readonly SemaphoreSlim[] _wake;
    readonly Thread[] _threads;
    Action<int> _job = static _ => { };
    bool _disposed;

    PaddedInt _generation;
    PaddedInt _arrived;
    PaddedInt _phase;
    PaddedInt _sleeping;

    public ThreadTeam(int size)
    {
        Size = size;
        _wake = new SemaphoreSlim[size];
        _threads = new Thread[size - 1];
        for (var member = 1; member < size; member++)
        {
            var self = member;
            _wake[member] = new SemaphoreSlim(0);
            _threads[member - 1] = new Thread(() => Work(self)) { IsBackground = true, Name = $"noos-inference-{member}" };
            _threads[member - 1].Start();
        }
    }

    /// <summary>Number of members, the caller included.</summary>
    public int Size { get; }

    /// <summary>Runs <paramref name="job"/> once on every member and returns when all are done. The job must not throw.</summary>
    public void Run(Action<int> job)
    {
        lock (_running)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (Size > 1)
            {
                _job = job;
                Release();
            }

            job(0);
            Barrier();
        }
    }

    /// <summary>Called by every member inside a job: returns when all have called it; what was written before is then visible to all.</summary>
    public void Barrier()
    {
        if (EnterSerial())
        {
            LeaveSerial();
        }
    }

    /// <summary>
    /// A barrier with work inside that is too little to be shared: the member that comes last gets true, does the work and calls
    /// <see cref="LeaveSerial"/>; the others get false once it has.
    /// </summary>
    public bool EnterSerial()
    {
        if (Size == 1)
        {
            return true;
        }

        var phase = Volatile.Read(ref _phase.Value);
        if (Interlocked.Increment(ref _arrived.Value) == Size)
        {
            return true;
        }

        for (var turn = 0; Volatile.Read(ref _phase.Value) == phase; turn++)
        {
            Pause(turn);
        }

        return false;
    }

    /// <summary>Lets the others go on.</summary>
    public void LeaveSerial()
    {
        _arrived.Value = 0;
        Volatile.Write(ref _phase.Value, _phase.Value + 1);
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
            Release();
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }

        for (var member = 1; member < Size; member++)
        {
            _wake[member].Dispose();
        }
    }

    static void Pause(int turn)
    {
        if (turn < SpinsBeforeYield)
        {
            Thread.SpinWait(1);
        }
        else
        {
            Thread.Yield();
        }
    }

    void Release()
    {
        // A full fence between publishing the job and looking for sleepers; a member does the same in the other order.
        Interlocked.Increment(ref _generation.Value);
        if (Volatile.Read(ref _sleeping.Value) == 0)
        {
            return;
        }

        for (var member = 1; member < Size; member++)
        {
            _wake[member].Release();
        }
    }

    void Work(int member)
    {
        for (var seen = 0; ;)
        {
            for (var turn = 0; Volatile.Read(ref _generation.Value) == seen; turn++)
            {
                if (turn < SpinsBeforeYield + YieldsBeforeSleep)
                {
                    Pause(turn);
                    continue;
                }

                Interlocked.Increment(ref _sleeping.Value);
                if (Volatile.Read(ref _generation.Value) == seen)
                {
                    _wake[member].Wait();
                }

                Interlocked.Decrement(ref _sleeping.Value);
            }

            seen++;
            if (Volatile.Read(ref _disposed))
            {
                return;
            }

            _job(member);
            Barrier();
        }
    }

    /// <summary>A number alone on its cache lines, so that members do not slow each other by neighbourhood.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    struct PaddedInt
    {
        [FieldOffset(128)]
        public int Value;
    }
}
