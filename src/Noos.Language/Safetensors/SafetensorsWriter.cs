using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Language.Safetensors;

/// <summary>Writes safetensors files.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes or replaces a file atomically and durably; see <see cref="AtomicFile"/>.</summary>
    /// <exception cref="NoosException">The disk is full, or the file cannot be written; a previous file is untouched.</exception>
    public static void Write(string path, IEnumerable<SafetensorsEntry> tensors, IReadOnlyDictionary<string, string>? metadata = null)
        => AtomicFile.Write(path, stream => Write(stream, tensors, metadata));

    /// <summary>Writes to a stream. Wide types come first, so that every tensor is aligned to its element size.</summary>
    /// <exception cref="ArgumentException">
    /// A name is used twice or reserved, or an entry does not write as many bytes as its shape needs.
    /// </exception>
    public static void Write(Stream stream, IEnumerable<SafetensorsEntry> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var entries = tensors.OrderByDescending(t => SafetensorsHeader.BitsOf(t.Type)).ToList();
        var lengths = entries.ConvertAll(LengthOf);
        if (entries.Select(t => t.Name)
            .Append(SafetensorsHeader.MetadataName)
            .GroupBy(n => n, StringComparer.Ordinal)
            .FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"The tensor name '{twice.Key}' is used twice or reserved.", nameof(tensors));
        }

        var header = SafetensorsHeader.Serialise(entries.Zip(lengths, (t, length) => (t.Name, t.Type, t.Shape, length)), metadata);
        if (header.Length - 8 > SafetensorsHeader.MaxHeaderBytes)
        {
            throw new ArgumentException("There are too many tensors, or too much metadata, for one safetensors file.", nameof(tensors));
        }

        stream.Write(header);
        for (var i = 0; i < entries.Count; i++)
        {
            var before = stream.Position;
            entries[i].Write(stream);
            var written = stream.Position - before;
            if (written != lengths[i])
            {
                throw new ArgumentException(
                    $"The tensor '{entries[i].Name}' needs {lengths[i]} bytes for its shape but {written} were given.", nameof(tensors));
            }
        }
    }

    static long LengthOf(SafetensorsEntry entry) => SafetensorsHeader.ByteLength(entry.Type, entry.Shape)
        ?? throw new ArgumentException($"The shape of the tensor '{entry.Name}' does not make a whole number of bytes.");
}
