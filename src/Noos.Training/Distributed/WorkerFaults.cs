namespace Noos.Training.Distributed;

/// <summary>
/// Faults that tests put into a worker: what a failing machine does by itself. A shard's gradient is [layout length] values.
/// </summary>
unsafe class WorkerFaults
{
    /// <summary>After a gradient was computed, before its checksum: a processor that computes something wrong.</summary>
    public virtual void Computed(long order, int shard, float* gradient)
    {
    }

    /// <summary>After its checksum: memory or a card that changes what was right.</summary>
    public virtual void Sending(long order, int shard, float* gradient)
    {
    }

    /// <summary>After weights were received and checked: memory that changes them.</summary>
    public virtual void Received(long order, float* weights)
    {
    }
}
