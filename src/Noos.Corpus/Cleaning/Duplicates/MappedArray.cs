using System.IO.MemoryMappedFiles;

namespace Noos.Corpus.Cleaning.Duplicates;

/// <summary>
/// Numbers in a file that is mapped into memory and goes with this: the system keeps in memory what fits. Not thread-safe.
/// </summary>
sealed unsafe class MappedArray : IDisposable
{
    readonly string _path;
    readonly MemoryMappedFile _map;
    readonly MemoryMappedViewAccessor _view;
    readonly long* _values;

    /// <param name="folder">Where the file lies.</param>
    /// <param name="length">Numbers; all are zero at first.</param>
    public MappedArray(string folder, long length)
    {
        Length = length;
        _path = Path.Combine(folder, $".numbers.{Guid.NewGuid():N}.tmp");
        _map = MemoryMappedFile.CreateFromFile(_path, FileMode.CreateNew, null, Math.Max(1, length) * sizeof(long));
        _view = _map.CreateViewAccessor();
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _values = (long*)start;
    }

    public long Length { get; }

    public ref long this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Length);
            return ref _values[index];
        }
    }

    public void Fill(long value)
    {
        // A span has at most two billion elements.
        for (long start = 0; start < Length;)
        {
            var count = (int)Math.Min(1 << 28, Length - start);
            new Span<long>(_values + start, count).Fill(value);
            start += count;
        }
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
        File.Delete(_path);
    }
}
