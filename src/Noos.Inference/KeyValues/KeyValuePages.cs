using System.Collections.Concurrent;
using Noos.Inference.Memory;

namespace Noos.Inference.KeyValues;

/// <summary>
/// The pool of KV pages (vLLM's block pool): each page holds 32 positions of all blocks and heads. Contexts take pages as they grow and
/// give them back, so a large capacity costs only what a conversation uses. Thread-safe: <see cref="Take"/> blocks only while another
/// thread maps a new slab.
/// </summary>
sealed unsafe class KeyValuePages : IDisposable
{
    /// <summary>Token positions per page.</summary>
    public const int Positions = 32;

    // Pages are mapped eight at a time, so that one mapping is large enough for huge pages.
    const int SlabPages = 8;
    // The size of one way of the L2 cache of current x86 cores, or a multiple of it.
    const nuint CacheWayBytes = 128 << 10;

    readonly ConcurrentBag<nint> _free = [];
    readonly List<LargeMemory> _slabs = [];
    readonly int _heads;
    readonly nuint _headBytes;
    readonly nuint _pageBytes;
    readonly nuint _stride;
    int _taken;

    /// <param name="type">How the bytes are to be read; the pages only pass it on.</param>
    /// <param name="blocks">Transformer blocks.</param>
    /// <param name="heads">Key-value heads per block.</param>
    /// <param name="headBytes">Bytes of the keys and values of one head in one page.</param>
    public KeyValuePages(KeyValueType type, int blocks, int heads, int headBytes)
    {
        Type = type;
        _heads = heads;
        _headBytes = (nuint)headBytes;
        _pageBytes = _headBytes * (nuint)_heads * (nuint)blocks;
        // Pages at a multiple of the way size would put the same head of every page into the same cache set; one head more breaks that.
        _stride = ((_pageBytes + CacheWayBytes - 1) / CacheWayBytes * CacheWayBytes) + _headBytes;
    }

    /// <summary>How keys and values are stored.</summary>
    public KeyValueType Type { get; }

    /// <summary>Bytes of a page.</summary>
    public long PageBytes => (long)_pageBytes;

    /// <summary>Pages in use: taken and not given back.</summary>
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

    /// <summary>Byte offset of a head's keys and values in a page.</summary>
    public long HeadOffset(int block, int head) => (((long)block * _heads) + head) * (long)_headBytes;

    public void Dispose()
    {
        _free.Clear();
        _slabs.ForEach(slab => slab.Dispose());
        _slabs.Clear();
    }
}
