using System.Runtime.InteropServices;

namespace Noos.Inference.Threading;

/// <summary>
/// A fixed team of worker threads, the caller being worker 0, that runs one job in lockstep (llama.cpp's threadpool). A forward pass is one
/// job with barriers inside: waking threads for every layer would cost more than the layer. Idle workers spin, then yield, then sleep.
/// Threads: any thread calls <see cref="Run"/>; calls exclude each other and block until all workers are done. Failure: a job must not
/// throw, because the other workers would wait at the next barrier forever; what can fail is done before the job.
/// </summary>
sealed class ThreadTeam : IDisposable
{
    // About two microseconds. Longer spinning gains little where every worker has a core, because yielding then returns at once; where
    // workers share a core, each must give way for the others to arrive at all.
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
            // A copy, because the lambda would capture the loop variable.
            var self = member;
            _wake[member] = new SemaphoreSlim(0);
            _threads[member - 1] = new Thread(() => Work(self)) { IsBackground = true, Name = $"noos-inference-{member}" };
            _threads[member - 1].Start();
        }
    }

    /// <summary>Number of workers including the caller.</summary>
    public int Size { get; }

    /// <summary>
    /// Runs <paramref name="job"/> with 0 .. <see cref="Size"/> - 1 on all workers and returns when all are done. The job must not throw.
    /// </summary>
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

    /// <summary>
    /// Called by every worker inside a job: returns when all have called it; what was written before is then visible to all.
    /// </summary>
    public void Barrier()
    {
        if (EnterSerial())
        {
            LeaveSerial();
        }
    }

    /// <summary>
    /// A barrier with serial work inside: the worker that arrives last gets true, does the work and calls <see cref="LeaveSerial"/>; the
    /// others get false once it has.
    /// </summary>
    public bool EnterSerial()
    {
        if (Size == 1)
        {
            return true;
        }

        // Read before arriving: afterwards the last one may have raised it already.
        var phase = Volatile.Read(ref _phase.Value);
        if (Interlocked.Increment(ref _arrived.Value) == Size)
        {
            return true;
        }

        for (var round = 0; Volatile.Read(ref _phase.Value) == phase; round++)
        {
            Pause(round);
        }

        return false;
    }

    /// <summary>Ends the serial work and lets the others go on.</summary>
    public void LeaveSerial()
    {
        // Before the phase: a worker that sees the new phase may arrive at the next barrier at once.
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

    static void Pause(int round)
    {
        if (round < SpinsBeforeYield)
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
        // A full fence between publishing the job and looking for sleepers; a worker fences between announcing its sleep and looking for
        // a job. So at least one of the two sees the other, and no wake-up is lost.
        Interlocked.Increment(ref _generation.Value);
        if (Volatile.Read(ref _sleeping.Value) == 0)
        {
            return;
        }

        // Also of workers that do not sleep: a stale count lets one sleep end early, which the loop in Work tolerates.
        for (var member = 1; member < Size; member++)
        {
            _wake[member].Release();
        }
    }

    void Work(int member)
    {
        for (var seen = 0; ;)
        {
            for (var round = 0; Volatile.Read(ref _generation.Value) == seen; round++)
            {
                if (round < SpinsBeforeYield + YieldsBeforeSleep)
                {
                    Pause(round);
                    continue;
                }

                // Announce first, then look again: see Release.
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

    /// <summary>A number alone on its cache lines (false sharing); 128 bytes to each side, because cores prefetch lines in pairs.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    struct PaddedInt
    {
        [FieldOffset(128)]
        public int Value;
    }
}
