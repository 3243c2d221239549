using System.Collections.Concurrent;
using Noos.Inference.Kernels.Panels;

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

    // Pages come from the machine by the dozen, in one piece that may have huge pages.
    const int SlabPages = 8;
    // What a way of a second-level cache holds, or a multiple of it.
    const nuint CacheWayBytes = 128 << 10;

    readonly ConcurrentBag<nint> _free = [];
    readonly List<LargeMemory> _slabs = [];
    readonly int _keyLength;
    readonly int _valueLength;
    readonly int _heads;
    readonly nuint _pageBytes;
    readonly nuint _stride;
    int _taken;

    public KeyValuePages(DecoderConfig config)
    {
        _heads = config.KeyValueHeadCount;
        _keyLength = config.HeadLength * Positions;
        _valueLength = PaddedLength(config.HeadLength) * Positions;
        var headBytes = (nuint)(_keyLength + _valueLength) * sizeof(float);
        _pageBytes = headBytes * (nuint)_heads * (nuint)config.BlockCount;
        // The same head of neighbouring pages must not fall upon the same places of the cache.
        _stride = ((_pageBytes + CacheWayBytes - 1) / CacheWayBytes * CacheWayBytes) + headBytes;
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
        nint page;
        while (!_free.TryTake(out page))
        {
            lock (_slabs)
            {
                var slab = new LargeMemory((long)_stride * SlabPages, isZeroed: false);
                _slabs.Add(slab);
                for (var i = SlabPages - 1; i >= 0; i--)
                {
                    _free.Add((nint)(slab.Start + ((nuint)i * _stride)));
                }
            }
        }

        return (float*)page;
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
        _slabs.ForEach(slab => slab.Dispose());
        _slabs.Clear();
    }
}
