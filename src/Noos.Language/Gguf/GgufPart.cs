using System.IO.MemoryMappedFiles;
using System.Numerics;
using Microsoft.Win32.SafeHandles;
using Noos.Core;

namespace Noos.Language.Gguf;

/// <summary>
/// One file of a model, mapped into memory. Opening reads and checks the whole header, so everything that is handed out afterwards lies
/// inside the file.
/// </summary>
sealed unsafe class GgufPart : IDisposable
{
    const uint Magic = 0x46554747;
    const int MaximumDimensions = 4;
    const uint MaximumAlignment = 1 << 20;

    // Key length, one character, type, value; name length, one character, dimension count, one dimension, type, offset.
    const int SmallestMetadata = 8 + 1 + 4 + 1;
    const int SmallestTensor = 8 + 1 + 4 + 8 + 4 + 8;

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
        if (Length < 24)
        {
            throw new InvalidDataException("it is too short");
        }

        _mapping = MemoryMappedFile.CreateFromFile(handle, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
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
            throw new NoosException($"There is no model file '{path}'; check the path.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            handle?.Dispose();
            throw new NoosException($"The model file '{path}' cannot be read: {e.Message}", e);
        }
    }

    public static NoosException Damaged(string path, string reason, Exception? cause = null)
    {
        var message = $"The file '{path}' is not a whole GGUF model: {reason}; download or export it again.";
        return cause is null ? new NoosException(message) : new NoosException(message, cause);
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
        var tensorCount = cursor.ReadCount(SmallestTensor, "tensors");
        var metadataCount = cursor.ReadCount(SmallestMetadata, "metadata values");
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

        _dataStart = (cursor.Position + alignment - 1L) & -(long)alignment;
        CheckPlaces();
    }

    uint ReadAlignment()
    {
        if (!_metadata.TryGetValue(GgufFile.AlignmentKey, out var value))
        {
            return GgufFile.DefaultAlignment;
        }

        return value.Content is uint alignment && BitOperations.IsPow2(alignment) && alignment <= MaximumAlignment
            ? alignment
            : throw new InvalidDataException($"its {GgufFile.AlignmentKey} is not a power of two up to {MaximumAlignment:N0}");
    }

    static GgufTensor ReadTensor(ref GgufCursor cursor, uint alignment)
    {
        var name = cursor.ReadString();
        var dimensions = new long[cursor.ReadUInt32() is var count and > 0 and <= MaximumDimensions
            ? count
            : throw new InvalidDataException($"the tensor '{Shorten(name)}' does not have one to four dimensions")];
        var total = (UInt128)1;
        for (var i = 0; i < dimensions.Length; i++)
        {
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

        var bytes = total / (uint)layout.BlockLength * (uint)layout.BlockBytes;
        if (dimensions[0] % layout.BlockLength != 0 || bytes > long.MaxValue)
        {
            throw new InvalidDataException($"the tensor '{Shorten(name)}' has rows of {dimensions[0]:N0} values, which type {type} cannot have");
        }

        var offset = cursor.ReadUInt64();
        return offset <= long.MaxValue && offset % alignment == 0
            ? new GgufTensor(name, type, dimensions, (long)offset, (long)bytes)
            : throw new InvalidDataException($"the tensor '{Shorten(name)}' is not aligned");
    }

    void CheckPlaces()
    {
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
