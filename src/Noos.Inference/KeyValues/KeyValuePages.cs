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

    // A pool that has grown so often grows on: from then on the next slab is made while this one is used up.
    const int MinSlabsToPrepare = 4;

    const int SystemPage = 4096;

    readonly ConcurrentBag<nint> _free = [];
    readonly List<LargeMemory> _slabs = [];
    readonly int _heads;
    readonly nuint _headBytes;
    readonly nuint _pageBytes;
    readonly nuint _stride;
    int _taken;
    int _isPreparing;
    bool _isDisposed;

    /// <param name="type">How the bytes are to be read; the pages only pass it on.</param>
    /// <param name="blocks">Transformer blocks.</param>
    /// <param name="heads">Key-value heads per block.</param>
    /// <param name="headBytes">Bytes of the keys and values of one head in one page.</param>
    public KeyValuePages(KeyValueType type, int blocks, int heads, int headBytes)
    {
        Type = type;
        _heads = heads;
        _headBytes = (nuint)headBytes;
        var count = (nuint)heads * (nuint)blocks;
        _pageBytes = _headBytes * count;
        // Attention goes over the same head of page after page. An odd number of heads from page to page has no factor in common with the
        // size of a cache way, a power of two, so successive pages fall into different cache sets.
        _stride = _headBytes * (count | 1);
    }

    /// <summary>How keys and values are stored.</summary>
    public KeyValueType Type { get; }

    /// <summary>Bytes of a page's keys and values.</summary>
    public long PageBytes => (long)_pageBytes;

    /// <summary>Bytes of memory that a page takes: <see cref="PageBytes"/> and at most the padding of one head.</summary>
    public long StrideBytes => (long)_stride;

    /// <summary>Pages in use: taken and not given back.</summary>
    public int TakenCount => Volatile.Read(ref _taken);

    /// <summary>The next page needs new memory of the system.</summary>
    public bool IsExhausted => _free.IsEmpty;

    /// <summary>A head's length rounded up to whole groups of 32.</summary>
    public static int PaddedLength(int headLength) => (headLength + Positions - 1) / Positions * Positions;

    /// <summary>A page with undefined content.</summary>
    /// <exception cref="OutOfMemoryException">The machine has no more memory.</exception>
    public byte* Take()
    {
        nint page;
        while (!_free.TryTake(out page))
        {
            MapSlab();
        }

        // Counted only now: a page that could not be had is not in use.
        Interlocked.Increment(ref _taken);
        return (byte*)page;
    }

    public void Give(byte* page)
    {
        _free.Add((nint)page);
        Interlocked.Decrement(ref _taken);
    }

    /// <summary>
    /// Maps a slab beside the callers where the pool grows and will soon be empty: the system clears memory when it is first written, which
    /// takes as long as a pass of a small model.
    /// </summary>
    /// <param name="mayGrow">Whether the system has the memory; asked on a thread of the pool.</param>
    public void Prepare(Func<bool> mayGrow)
    {
        if (_slabs.Count < MinSlabsToPrepare || _free.Count > SlabPages / 2 || Interlocked.Exchange(ref _isPreparing, 1) == 1)
        {
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                try
                {
                    if (mayGrow())
                    {
                        AddSlab(isTouched: true);
                    }
                }
                catch (OutOfMemoryException)
                {
                    // Whoever needs the page is told so.
                }
                finally
                {
                    Volatile.Write(ref _isPreparing, 0);
                }
            },
            null);
    }

    /// <summary>Byte offset of a head's keys and values in a page.</summary>
    public long HeadOffset(int block, int head) => (((long)block * _heads) + head) * (long)_headBytes;

    public void Dispose()
    {
        lock (_slabs)
        {
            _isDisposed = true;
            _free.Clear();
            _slabs.ForEach(slab => slab.Dispose());
            _slabs.Clear();
        }
    }

    void MapSlab()
    {
        lock (_slabs)
        {
            // Whoever waited here finds the pages of the thread before.
            if (_free.IsEmpty)
            {
                AddSlab(isTouched: false);
            }
        }
    }

    void AddSlab(bool isTouched)
    {
        var slab = new LargeMemory((long)_stride * SlabPages, isZeroed: false);
        for (nuint i = 0; isTouched && i < _stride * SlabPages; i += SystemPage)
        {
            slab.Start[i] = 0;
        }

        lock (_slabs)
        {
            if (_isDisposed)
            {
                slab.Dispose();
                return;
            }

            _slabs.Add(slab);
            for (var i = SlabPages - 1; i >= 0; i--)
            {
                _free.Add((nint)(slab.Start + ((nuint)i * _stride)));
            }
        }
    }
}
