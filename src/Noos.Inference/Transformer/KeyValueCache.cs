using System.Runtime.InteropServices;

namespace Noos.Inference.Transformer;

/// <summary>The keys and values of one sequence, in pages.</summary>
sealed unsafe class KeyValueCache : IDisposable
{
    readonly KeyValuePages _pages;
    float** _table;
    int _count;

    public KeyValueCache(KeyValuePages pages, int capacity)
    {
        _pages = pages;
        Capacity = capacity;
        _table = (float**)NativeMemory.AllocZeroed((nuint)((capacity + KeyValuePages.Positions - 1) / KeyValuePages.Positions), (nuint)sizeof(float*));
    }

    /// <summary>Most positions.</summary>
    public int Capacity { get; }

    /// <summary>The pages in the order of positions.</summary>
    public float** Table => _table;

    /// <summary>Takes pages until there is room for so many positions.</summary>
    /// <exception cref="OutOfMemoryException">The machine has no more memory.</exception>
    public void Reserve(int length)
    {
        while (_count * KeyValuePages.Positions < length)
        {
            _table[_count] = _pages.Take();
            _count++;
        }
    }

    /// <summary>Gives back the pages that positions from <paramref name="length"/> on would need.</summary>
    public void Truncate(int length)
    {
        while ((_count - 1) * KeyValuePages.Positions >= length && _count > 0)
        {
            _count--;
            _pages.Give(_table[_count]);
        }
    }

    public void Dispose()
    {
        Truncate(0);
        NativeMemory.Free(_table);
        _table = null;
    }
}
