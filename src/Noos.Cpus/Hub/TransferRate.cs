namespace Noos.Cpus.Hub;

/// <summary>Bytes a second over a sliding window of some seconds, so that it follows a network whose speed changes.</summary>
public sealed class TransferRate(TimeProvider time)
{
    static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);
    static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(200);

    readonly Queue<(long At, long Bytes)> _samples = [];
    (long At, long Bytes) _newest;

    /// <summary>0 until it can be told.</summary>
    public double BytesPerSecond { get; private set; }

    /// <param name="bytes">All that have arrived.</param>
    public void Observe(long bytes)
    {
        var now = time.GetTimestamp();
        // A download reports thousands of times a second; a few samples tell as much.
        if (_samples.Count > 0 && time.GetElapsedTime(_newest.At, now) < s_step)
        {
            return;
        }

        _newest = (now, bytes);
        _samples.Enqueue(_newest);
        while (time.GetElapsedTime(_samples.Peek().At, now) > s_window && _samples.Count > 2)
        {
            _samples.Dequeue();
        }

        var oldest = _samples.Peek();
        BytesPerSecond = _samples.Count < 2 ? 0 : Math.Max(0, bytes - oldest.Bytes) / time.GetElapsedTime(oldest.At, now).TotalSeconds;
    }

    /// <summary>What came before is no longer counted.</summary>
    public void Reset()
    {
        _samples.Clear();
        BytesPerSecond = 0;
    }
}
