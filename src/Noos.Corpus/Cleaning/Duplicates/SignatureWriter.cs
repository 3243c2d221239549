using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Noos.Corpus.Cleaning.Duplicates;

/// <summary>Collects the signatures of one range and writes them: the sketches by row, and the keys of every band sorted.</summary>
sealed class SignatureWriter : IDisposable
{
    readonly List<(ulong Hash, uint Row)>[] _keys = [.. Enumerable.Range(0, SignatureFile.Sections).Select(_ => new List<(ulong, uint)>())];
    readonly MemoryStream _sketches = new();

    public int Count { get; private set; }

    /// <summary>Adds the next row.</summary>
    /// <param name="text">As the policies measure it: plain.</param>
    /// <param name="digest">Of the text; see <see cref="Documents.ContentDigest"/>.</param>
    /// <param name="address">Of the page.</param>
    /// <param name="time">When it was fetched, in milliseconds of Unix time.</param>
    public void Add(string text, UInt128 digest, UInt128 address, long time)
    {
        var signature = MinHash.Compute(text);
        Span<byte> row = stackalloc byte[SignatureFile.RowBytes];
        BinaryPrimitives.WriteUInt128LittleEndian(row, digest);
        BinaryPrimitives.WriteUInt128LittleEndian(row[16..], address);
        BinaryPrimitives.WriteInt64LittleEndian(row[32..], time);
        MinHash.GetSketch(signature, MemoryMarshal.Cast<byte, ushort>(row[SignatureFile.SketchAt..]));
        _sketches.Write(row);

        Span<ulong> bands = stackalloc ulong[MinHash.Bands];
        MinHash.GetBands(signature, bands);
        var isEmpty = signature[0] == uint.MaxValue;
        for (var band = 0; band < MinHash.Bands && !isEmpty; band++)
        {
            _keys[band].Add((bands[band], (uint)Count));
        }

        _keys[SignatureFile.DigestSection].Add(((ulong)digest, (uint)Count));
        _keys[SignatureFile.AddressSection].Add(((ulong)address, (uint)Count));
        Count++;
    }

    public void WriteSketches(Stream stream)
    {
        stream.Write(SignatureFile.Header(Count));
        _sketches.WriteTo(stream);
    }

    public void WriteBands(Stream stream)
    {
        stream.Write(SignatureFile.Header(Count));
        Span<byte> length = stackalloc byte[8];
        foreach (var keys in _keys)
        {
            keys.Sort();
            BinaryPrimitives.WriteInt64LittleEndian(length, keys.Count);
            stream.Write(length);
            stream.Write(MemoryMarshal.AsBytes(keys.Select(key => key.Hash).ToArray().AsSpan()));
            stream.Write(MemoryMarshal.AsBytes(keys.Select(key => key.Row).ToArray().AsSpan()));
        }
    }

    public void Dispose() => _sketches.Dispose();
}
