using System.Collections.Concurrent;
using Noos.Inference.Kernels.Attention;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Transformer;

/// <summary>
/// Pages for keys and values: each holds 32 positions of all blocks and heads. Contexts take pages as they grow and give them back, so
/// a large capacity costs only what a conversation uses. Thread-safe.
/// </summary>
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
    readonly int _heads;
    readonly nuint _headBytes;
    readonly nuint _pageBytes;
    readonly nuint _stride;
    int _taken;

    public KeyValuePages(int heads, int headLength, int blocks, AttentionKernel kernel)
    {
        Type = kernel.Type;
        _heads = heads;
        _headBytes = (nuint)kernel.HeadBytes(headLength);
        _pageBytes = _headBytes * (nuint)_heads * (nuint)blocks;
        // The same head of neighbouring pages must not fall upon the same places of the cache.
        _stride = ((_pageBytes + CacheWayBytes - 1) / CacheWayBytes * CacheWayBytes) + _headBytes;
    }

    /// <summary>How keys and values are kept.</summary>
    public KeyValueType Type { get; }

    /// <summary>Bytes of a page.</summary>
    public long PageBytes => (long)_pageBytes;

    /// <summary>Pages taken and not given back.</summary>
    public int TakenCount => Volatile.Read(ref _taken);

    /// <summary>A head's length rounded up to whole groups of 32.</summary>
    public static int PaddedLength(int headLength) => (headLength + Positions - 1) / Positions * Positions;

    /// <exception cref="OutOfMemoryException">The machine has no more memory.</exception>
    public byte* Take()
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

        return (byte*)page;
    }

    public void Give(byte* page)
    {
        _free.Add((nint)page);
        Interlocked.Decrement(ref _taken);
    }

    /// <summary>Where a head's keys and values begin in a page.</summary>
    public long HeadOffset(int block, int head) => (((long)block * _heads) + head) * (long)_headBytes;

    public void Dispose()
    {
        _free.Clear();
        _slabs.ForEach(slab => slab.Dispose());
        _slabs.Clear();
    }
}
