using System.Buffers.Binary;
using Noos.Core;

namespace Noos.Corpus.Cleaning;

/// <summary>The clusters of all pages, 16 bytes each in the order of their numbers. Little-endian.</summary>
static class ClusterFile
{
    public static void Write(Stream stream, IEnumerable<ClusterEntry> entries)
    {
        Span<byte> row = stackalloc byte[ClusterEntry.Bytes];
        foreach (var entry in entries)
        {
            BinaryPrimitives.WriteInt64LittleEndian(row, entry.Cluster);
            BinaryPrimitives.WriteInt32LittleEndian(row[8..], entry.Size);
            BinaryPrimitives.WriteUInt32LittleEndian(row[12..], entry.Flags);
            stream.Write(row);
        }
    }

    /// <summary>The entries of pages that follow each other.</summary>
    public static ClusterEntry[] Read(string path, long first, int count)
    {
        var bytes = new byte[count * ClusterEntry.Bytes];
        using var file = File.OpenHandle(path);
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(file, bytes.AsSpan(done), (first * ClusterEntry.Bytes) + done);
            done += read > 0 ? read : throw new NoosException(
                ErrorKind.Damaged, $"The clusters '{path}' are cut; remove manifests/cluster and clean again.");
        }

        var entries = new ClusterEntry[count];
        for (var i = 0; i < count; i++)
        {
            var row = bytes.AsSpan(i * ClusterEntry.Bytes);
            entries[i] = new ClusterEntry(
                BinaryPrimitives.ReadInt64LittleEndian(row), BinaryPrimitives.ReadInt32LittleEndian(row[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(row[12..]));
        }

        return entries;
    }
}
