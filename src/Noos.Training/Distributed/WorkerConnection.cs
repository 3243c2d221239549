using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Noos.Training.Distributed;

/// <summary>
/// The coordinator's side of one worker: a thread that reads and one that writes, so that a worker which stands still never stops the
/// coordinator. All state is guarded by the lock of <see cref="DistributedGradients"/>.
/// </summary>
sealed class WorkerConnection : IDisposable
{
    readonly FrameStream _stream;
    readonly BlockingCollection<Action<FrameStream>> _outgoing = [];
    readonly TimeProvider _timeProvider;
    readonly List<Thread> _threads = [];
    long _lastHeard;
    int _writing;

    /// <param name="launched">Whether the coordinator started its process.</param>
    public WorkerConnection(FrameStream stream, WorkerHello hello, bool launched, TimeProvider timeProvider)
    {
        (_stream, _timeProvider, IsLaunched) = (stream, timeProvider, launched);
        (Name, ProcessId) = (hello.Name, hello.ProcessId);
        _lastHeard = timeProvider.GetTimestamp();
        stream.Heard = () => Volatile.Write(ref _lastHeard, _timeProvider.GetTimestamp());
    }

    public string Name { get; }

    public int ProcessId { get; }

    public bool IsLaunched { get; }

    public bool IsAlive { get; set; } = true;

    /// <summary>Version of the weights that it has, or that are on their way to it.</summary>
    public long Weights { get; set; }

    /// <summary>Shards that it computes and has not delivered.</summary>
    public HashSet<int> Shards { get; } = [];

    /// <summary>Shards that it computes to check another worker's.</summary>
    public HashSet<int> Checks { get; } = [];

    /// <summary>When it was given the shards at hand, and how many they were.</summary>
    public (long At, int Count) Order { get; set; }

    /// <summary>Gradients that it delivered in all; the first ones are slow, since its code is just being compiled.</summary>
    public long Delivered { get; set; }

    /// <summary>It was slow in this update.</summary>
    public bool IsSlow { get; set; }

    /// <summary>Updates in a row in which it was slow.</summary>
    public int SlowSteps { get; set; }

    public bool IsIdle => Shards.Count == 0 && Checks.Count == 0;

    public TimeSpan Silence => _timeProvider.GetElapsedTime(Volatile.Read(ref _lastHeard));

    /// <summary>Whether something is still on its way to it.</summary>
    public bool IsWriting => Volatile.Read(ref _writing) > 0;

    /// <param name="gradient">A gradient's header was read; reads its payload.</param>
    /// <param name="lost">The connection ended; null or a sentence why.</param>
    public void Start(Action<WorkerConnection, Frame, FrameStream> gradient, Action<WorkerConnection, WorkerFault, string> lost)
    {
        _threads.Add(new Thread(() => Read(gradient, lost)) { IsBackground = true, Name = $"reads {Name}" });
        _threads.Add(new Thread(() => Write(lost)) { IsBackground = true, Name = $"writes {Name}" });
        _threads.ForEach(thread => thread.Start());
    }

    /// <summary>Writes when what was given before is written; nothing if the connection is closed.</summary>
    public void Send(Action<FrameStream> write)
    {
        if (!_outgoing.IsAddingCompleted)
        {
            Interlocked.Increment(ref _writing);
            _outgoing.Add(write);
        }
    }

    /// <summary>
    /// Closes the connection and waits for its threads, which read and write native memory of the run. Not to be called with the lock.
    /// </summary>
    public void Dispose()
    {
        _outgoing.CompleteAdding();
        _stream.Dispose();
        _threads.ForEach(thread => thread.Join());
    }

    void Read(Action<WorkerConnection, Frame, FrameStream> gradient, Action<WorkerConnection, WorkerFault, string> lost)
    {
        try
        {
            while (true)
            {
                var frame = _stream.ReadHeader();
                switch (frame.Kind)
                {
                    case FrameKind.Heartbeat:
                        _ = _stream.ReadPayload(frame);
                        break;
                    case FrameKind.Gradient:
                        gradient(this, frame, _stream);
                        break;
                    case FrameKind.Bye:
                        lost(this, WorkerFault.Left, "it left the training");
                        return;
                    default:
                        lost(this, WorkerFault.Wrong, $"it sent a frame of kind {frame.Kind}, which no worker sends");
                        return;
                }
            }
        }
        catch (InvalidDataException e)
        {
            lost(this, WorkerFault.Wrong, char.ToLowerInvariant(e.Message[0]) + e.Message[1..].TrimEnd('.'));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            lost(this, WorkerFault.Lost, "its connection ended");
        }
    }

    void Write(Action<WorkerConnection, WorkerFault, string> lost)
    {
        try
        {
            foreach (var write in _outgoing.GetConsumingEnumerable())
            {
                write(_stream);
                Interlocked.Decrement(ref _writing);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            lost(this, WorkerFault.Lost, "its connection ended");
        }
    }
}
