using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Noos.Inference.Transformer;

/// <summary>
/// Pages for keys and values: each holds 32 positions of all blocks and heads. Contexts take pages as they grow and give them back, so
/// a large capacity costs only what a conversation uses. Thread-safe.
/// </summary>
/// <remarks>
/// Within a page, for each block and key-value head: the keys [head length][32 positions], then the values
/// [head length / 32][32 positions][32 elements], the last group filled up. So both products of attention are those of a panel.
/// </remarks>
sealed unsafe class KeyValuePages : IDisposable
{
    /// <summary>Positions of a page.</summary>
    public const int Positions = 32;

    readonly ConcurrentBag<nint> _free = [];
    readonly ConcurrentBag<nint> _all = [];
    readonly int _keyLength;
    readonly int _valueLength;
    readonly int _heads;
    readonly nuint _pageBytes;
    int _taken;

    public KeyValuePages(DecoderConfig config)
    {
        _heads = config.KeyValueHeadCount;
        _keyLength = config.HeadLength * Positions;
        _valueLength = PaddedLength(config.HeadLength) * Positions;
        _pageBytes = (nuint)(_keyLength + _valueLength) * (nuint)_heads * (nuint)config.BlockCount * sizeof(float);
    }

    /// <summary>Bytes of a page.</summary>
    public long PageBytes => (long)_pageBytes;

    /// <summary>Pages taken and not given back.</summary>
    public int TakenCount => Volatile.Read(ref _taken);

    /// <summary>A head's length rounded up to whole groups of 32.</summary>
    public static int PaddedLength(int headLength) => (headLength + Positions - 1) / Positions * Positions;

    /// <exception cref="OutOfMemoryException">The machine has no more memory.</exception>
    public float* Take()
    {
        Interlocked.Increment(ref _taken);
        if (_free.TryTake(out var page))
        {
            return (float*)page;
        }

        var fresh = NativeMemory.AlignedAlloc(_pageBytes, 64);
        NativeMemory.Clear(fresh, _pageBytes);
        _all.Add((nint)fresh);
        return (float*)fresh;
    }

    public void Give(float* page)
    {
        _free.Add((nint)page);
        Interlocked.Decrement(ref _taken);
    }

    /// <summary>Where a head's keys begin in a page.</summary>
    public long KeyOffset(int block, int head) => (((long)block * _heads) + head) * (_keyLength + _valueLength);

    /// <summary>Where a head's values begin in a page.</summary>
    public long ValueOffset(int block, int head) => KeyOffset(block, head) + _keyLength;

    public void Dispose()
    {
        _free.Clear();
        while (_all.TryTake(out var page))
        {
            NativeMemory.AlignedFree((void*)page);
        }
    }
}
