using System.IO.MemoryMappedFiles;
using System.Numerics;
using Microsoft.Win32.SafeHandles;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Language.Gguf;

/// <summary>
/// One file of a model, mapped into memory. Opening reads and checks the whole header, so everything that is handed out afterwards lies
/// inside the file. Layout: magic, version, counts, metadata, tensor descriptions, padding, tensor data (gguf.md, "File Structure").
/// </summary>
sealed unsafe class GgufPart : IDisposable
{
    // "GGUF" read as a little-endian number.
    const uint Magic = 0x46554747;

    // Magic, version, and two counts of 64 bits.
    const int FixedBytes = 4 + 4 + 8 + 8;
    // GGML_MAX_DIMS.
    const int MaxDimensions = 4;

    // Real files have 32; the bound keeps the sum of position and alignment far from overflowing.
    const uint MaxAlignment = 1 << 20;

    // The fewest bytes of a metadata value (key length, one character, type, value) and of a tensor description (name length, one
    // character, dimension count, one dimension, type, offset): a count that cannot fit is refused before anything is allocated for it.
    const int MinMetadataBytes = 8 + 1 + 4 + 1;
    const int MinTensorBytes = 8 + 1 + 4 + 8 + 4 + 8;

    readonly Dictionary<string, GgufValue> _metadata = [];
    readonly Dictionary<string, GgufTensor> _tensorsByName = [];
    readonly List<GgufTensor> _tensors = [];
    readonly MemoryMappedFile _mapping;
    readonly MemoryMappedViewAccessor _view;
    readonly byte* _start;
    long _dataStart;
    bool _disposed;

    GgufPart(SafeFileHandle handle)
    {
        Length = RandomAccess.GetLength(handle);
        if (Length < FixedBytes)
        {
            throw new InvalidDataException("it is too short");
        }

        _mapping = MemoryMappedFile.CreateFromFile(
            handle, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _mapping.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
        try
        {
            ReadHeader();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    public int Version { get; private set; }

    public Dictionary<string, GgufValue> Metadata => _metadata;

    public List<GgufTensor> Tensors => _tensors;

    /// <exception cref="NoosException">The file is missing, unreadable, damaged or of an unknown version.</exception>
    public static GgufPart Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            RegularFile.Require(path);
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return new GgufPart(handle);
        }
        catch (InvalidDataException e)
        {
            handle?.Dispose();
            throw Damaged(path, e.Message, e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NoosException(ErrorKind.NotFound, $"There is no model file '{path}'; check the path.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            handle?.Dispose();
            throw new NoosException(FileErrors.KindOf(e), $"The model file '{path}' cannot be read: {e.Message}", e);
        }
    }

    public static NoosException Damaged(string path, string reason, Exception? cause = null)
    {
        var message = $"The file '{path}' is not a whole GGUF model: {reason}; download or export it again.";
        return cause is null ? new NoosException(ErrorKind.Damaged, message) : new NoosException(ErrorKind.Damaged, message, cause);
    }

    /// <summary>A text of the metadata, as far as the first bytes of a file go; null where it does not stand there.</summary>
    public static string? FindText(ReadOnlySpan<byte> beginning, string key)
    {
        try
        {
            var cursor = new GgufCursor(beginning);
            if (cursor.ReadUInt32() != Magic)
            {
                return null;
            }

            // Version and the number of tensors; counts may be of more than the beginning holds.
            _ = cursor.ReadUInt32();
            _ = cursor.ReadUInt64();
            for (var left = cursor.ReadUInt64(); left > 0; left--)
            {
                var (name, value) = (cursor.ReadString(), cursor.ReadValue());
                if (name == key)
                {
                    return value.Content as string;
                }
            }
        }
        catch (InvalidDataException)
        {
            // It ends in the middle of a value.
        }

        return null;
    }

    public byte* Pointer(GgufTensor tensor)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _start + _dataStart + tensor.Offset;
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _mapping.Dispose();
        }
    }

    void ReadHeader()
    {
        // A span has at most 2 GiB; a header that is longer ends in its middle, and is refused as such.
        var cursor = new GgufCursor(new ReadOnlySpan<byte>(_start, (int)Math.Min(Length, int.MaxValue)));
        if (cursor.ReadUInt32() != Magic)
        {
            throw new InvalidDataException("it does not begin with 'GGUF'");
        }

        var version = cursor.ReadUInt32();
        Version = version switch
        {
            2 or 3 => (int)version,
            > 0xFFFF => throw new InvalidDataException("its numbers are big-endian, which is not supported"),
            _ => throw new InvalidDataException($"its version is {version}, and only 2 and 3 are supported"),
        };
        var tensorCount = cursor.ReadCount(MinTensorBytes, "tensors");
        var metadataCount = cursor.ReadCount(MinMetadataBytes, "metadata values");
        for (var i = 0; i < metadataCount; i++)
        {
            var key = cursor.ReadString();
            if (!_metadata.TryAdd(key, cursor.ReadValue()))
            {
                throw new InvalidDataException($"the metadata key '{Shorten(key)}' is there twice");
            }
        }

        var alignment = ReadAlignment();
        for (var i = 0; i < tensorCount; i++)
        {
            var tensor = ReadTensor(ref cursor, alignment);
            if (!_tensorsByName.TryAdd(tensor.Name, tensor))
            {
                throw new InvalidDataException($"the tensor '{Shorten(tensor.Name)}' is there twice");
            }

            _tensors.Add(tensor);
        }

        // Up to the next multiple of the alignment, a power of two; in 64 bits, as the sum may pass 2^31. It may lie beyond the end of a
        // short file, which CheckPlaces then refuses for any tensor.
        _dataStart = (cursor.Position + alignment - 1L) & -(long)alignment;
        CheckPlaces();
    }

    uint ReadAlignment()
    {
        if (!_metadata.TryGetValue(GgufFile.AlignmentKey, out var value))
        {
            return GgufFile.DefaultAlignment;
        }

        return value.Content is uint alignment && BitOperations.IsPow2(alignment) && alignment <= MaxAlignment
            ? alignment
            : throw new InvalidDataException($"its {GgufFile.AlignmentKey} is not a power of two up to {MaxAlignment:N0}");
    }

    static GgufTensor ReadTensor(ref GgufCursor cursor, uint alignment)
    {
        var name = cursor.ReadString();
        var dimensions = new long[cursor.ReadUInt32() is var count and > 0 and <= MaxDimensions
            ? count
            : throw new InvalidDataException($"the tensor '{Shorten(name)}' does not have one to four dimensions")];
        var total = (UInt128)1;
        for (var i = 0; i < dimensions.Length; i++)
        {
            // Below 2^63 times below 2^64 fits 128 bits: the product is checked after each factor, so it never wraps around.
            var dimension = cursor.ReadUInt64();
            total *= dimension;
            if (total == 0 || total > long.MaxValue)
            {
                throw new InvalidDataException($"the tensor '{Shorten(name)}' has an impossible size");
            }

            dimensions[i] = (long)dimension;
        }

        var type = (GgufTensorType)cursor.ReadUInt32();
        if (!GgufTensorLayout.TryGet(type, out var layout))
        {
            throw new InvalidDataException($"the tensor '{Shorten(name)}' is of the unknown type {(uint)type}");
        }

        // Still in 128 bits: 2^63 values of eight bytes each do not fit 64.
        var bytes = total / (uint)layout.BlockLength * (uint)layout.BlockBytes;
        if (dimensions[0] % layout.BlockLength != 0 || bytes > long.MaxValue)
        {
            throw new InvalidDataException(
                $"the tensor '{Shorten(name)}' has rows of {dimensions[0]:N0} values, which type {type} cannot have");
        }

        var offset = cursor.ReadUInt64();
        return offset <= long.MaxValue && offset % alignment == 0
            ? new GgufTensor(name, type, dimensions, (long)offset, (long)bytes)
            : throw new InvalidDataException($"the tensor '{Shorten(name)}' is not aligned");
    }

    /// <summary>Every tensor lies inside the file, and none shares bytes with another.</summary>
    void CheckPlaces()
    {
        // Negative where the padding after the header is cut off.
        var size = Length - _dataStart;
        var end = 0L;
        foreach (var tensor in _tensors.OrderBy(tensor => tensor.Offset))
        {
            if (tensor.Offset < end)
            {
                throw new InvalidDataException($"the tensor '{Shorten(tensor.Name)}' overlaps another one");
            }

            // Written so that nothing can overflow: the right side is negative for an offset beyond the file.
            if (tensor.ByteLength > size - tensor.Offset)
            {
                throw new InvalidDataException($"the tensor '{Shorten(tensor.Name)}' reaches beyond its end");
            }

            // Both are at most the size by now.
            end = tensor.Offset + tensor.ByteLength;
        }
    }

    /// <summary>A name for a message: it may be anything, as the file may be damaged.</summary>
    internal static string Shorten(string name)
    {
        var shown = name.Length <= 80 ? name : string.Concat(name.AsSpan(0, 80), "…");
        return string.Concat(shown.Select(letter => char.IsControl(letter) ? '\uFFFD' : letter));
    }
}
