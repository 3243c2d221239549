using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Noos.Corpus.Cleaning.Duplicates;

/// <summary>The sketches of all pages by number. Keeps a bounded number of files open; for one thread.</summary>
/// <param name="paths">The files of sketches, in the order of the ranges.</param>
/// <param name="firsts">The number of the first page of each range, and behind them that of all pages.</param>
sealed class SketchStore(IReadOnlyList<string> paths, long[] firsts) : IDisposable
{
    const int MaxOpen = 200;
    const int MaxKept = 4096;

    readonly Dictionary<int, SafeFileHandle> _files = [];
    readonly Dictionary<long, byte[]> _rows = [];

    /// <summary>The range that a page is in.</summary>
    public static int RangeOf(long page, long[] firsts)
    {
        var found = Array.BinarySearch(firsts, page);
        if (found < 0)
        {
            return ~found - 1;
        }

        // Ranges without pages begin where the next one does.
        while (found + 1 < firsts.Length && firsts[found + 1] == page)
        {
            found++;
        }

        return found;
    }

    public UInt128 DigestOf(long page) => BinaryPrimitives.ReadUInt128LittleEndian(RowOf(page));

    public UInt128 AddressOf(long page) => BinaryPrimitives.ReadUInt128LittleEndian(RowOf(page).AsSpan(16));

    public long TimeOf(long page) => BinaryPrimitives.ReadInt64LittleEndian(RowOf(page).AsSpan(32));

    public ReadOnlySpan<ushort> SketchOf(long page) => MemoryMarshal.Cast<byte, ushort>(RowOf(page).AsSpan(SignatureFile.SketchAt));

    public void Dispose()
    {
        foreach (var file in _files.Values)
        {
            file.Dispose();
        }
    }

    byte[] RowOf(long page)
    {
        if (_rows.TryGetValue(page, out var row))
        {
            return row;
        }

        if (_rows.Count >= MaxKept)
        {
            _rows.Clear();
        }

        var range = RangeOf(page, firsts);
        if (!_files.TryGetValue(range, out var file))
        {
            if (_files.Count >= MaxOpen)
            {
                Dispose();
                _files.Clear();
            }

            _files[range] = file = File.OpenHandle(paths[range]);
        }

        row = new byte[SignatureFile.RowBytes];
        SignatureFile.Read(file, row, SignatureFile.HeaderBytes + ((page - firsts[range]) * SignatureFile.RowBytes), paths[range]);
        return _rows[page] = row;
    }
}
