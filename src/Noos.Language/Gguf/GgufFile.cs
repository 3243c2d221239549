using System.IO.MemoryMappedFiles;
using System.Numerics;
using Microsoft.Win32.SafeHandles;

namespace Noos.Language.Gguf;

/// <summary>
/// A GGUF model file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), version 2 or 3, little-endian, mapped into memory.
/// Opening reads and checks the whole header, so everything that is handed out afterwards lies inside the file. Safe for concurrent reads;
/// the file must not be shortened while it is open (replacing it by a rename is fine).
/// </summary>
public sealed unsafe class GgufFile : IDisposable
{
    const uint Magic = 0x46554747;
    const int MaximumDimensions = 4;
    const uint MaximumAlignment = 1 << 20;

    // Key length, one character, type, value; name length, one character, dimension count, one dimension, type, offset.
    const int SmallestMetadata = 8 + 1 + 4 + 1;
    const int SmallestTensor = 8 + 1 + 4 + 8 + 4 + 8;

    internal const string AlignmentKey = "general.alignment";
    internal const uint DefaultAlignment = 32;

    readonly Dictionary<string, GgufValue> _metadata = [];
    readonly Dictionary<string, GgufTensor> _tensorsByName = [];
    readonly List<GgufTensor> _tensors = [];
    readonly MemoryMappedFile _mapping;
    readonly MemoryMappedViewAccessor _view;
    readonly byte* _start;
    readonly long _length;
    long _dataStart;
    bool _disposed;

    GgufFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _length = RandomAccess.GetLength(handle);
        if (_length < 24)
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

    public string Path { get; }

    /// <summary>2 or 3.</summary>
    public int Version { get; private set; }

    public IReadOnlyDictionary<string, GgufValue> Metadata => _metadata;

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<GgufTensor> Tensors => _tensors;

    /// <exception cref="NoosException">The file is missing, unreadable, damaged or of an unknown version.</exception>
    public static GgufFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return new GgufFile(path, handle);
        }
        catch (InvalidDataException e)
        {
            handle?.Dispose();
            throw new NoosException($"The file '{path}' is not a whole GGUF model: {e.Message}; download or export it again.", e);
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

    /// <summary>Null when the key is missing.</summary>
    /// <exception cref="NoosException">The value is of another type; so for the methods below.</exception>
    public string? GetString(string key) => Get(key, "a text", value => value.Content as string);

    /// <inheritdoc cref="GetString"/>
    public long? GetInteger(string key) => _metadata.TryGetValue(key, out var value) ? value.ToInteger() ?? throw WrongType(key, "an integer") : null;

    /// <inheritdoc cref="GetString"/>
    public double? GetFloat(string key) => !_metadata.TryGetValue(key, out var value)
        ? null
        : value.Content switch
        {
            float single => single,
            double wide => wide,
            _ => value.ToInteger() ?? throw WrongType(key, "a number"),
        };

    /// <inheritdoc cref="GetString"/>
    public bool? GetBool(string key) => _metadata.TryGetValue(key, out var value) ? value.Content as bool? ?? throw WrongType(key, "true or false") : null;

    /// <inheritdoc cref="GetString"/>
    public IReadOnlyList<string>? GetStrings(string key) => Get(key, "a list of texts", value => value.Content as string[]);

    /// <inheritdoc cref="GetString"/>
    public IReadOnlyList<int>? GetIntegers(string key) => Get(key, "a list of 32-bit integers", value => value.ElementType switch
    {
        // The element type decides: for the runtime, an int[] is a uint[] too.
        GgufValueType.Int32 => (int[])value.Content,
        GgufValueType.UInt32 => ToInt32(key, (uint[])value.Content),
        GgufValueType.UInt8 => Array.ConvertAll((byte[])value.Content, element => (int)element),
        GgufValueType.Int8 => Array.ConvertAll((sbyte[])value.Content, element => (int)element),
        GgufValueType.UInt16 => Array.ConvertAll((ushort[])value.Content, element => (int)element),
        GgufValueType.Int16 => Array.ConvertAll((short[])value.Content, element => (int)element),
        _ => null,
    });

    /// <inheritdoc cref="GetString"/>
    public IReadOnlyList<float>? GetFloats(string key) => Get(key, "a list of 32-bit floats", value => value.Content as float[]);

    public bool TryGetTensor(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out GgufTensor? tensor) => _tensorsByName.TryGetValue(name, out tensor);

    /// <summary>The bytes of a tensor of this file, valid until the file is disposed.</summary>
    /// <exception cref="NoosException">The tensor has 2 GiB or more; use <see cref="Pointer"/>.</exception>
    public ReadOnlySpan<byte> Data(GgufTensor tensor)
    {
        var pointer = Pointer(tensor);
        return tensor.ByteLength <= int.MaxValue
            ? new ReadOnlySpan<byte>(pointer, (int)tensor.ByteLength)
            : throw new NoosException($"Tensor '{tensor.Name}' of '{Path}' has {tensor.ByteLength:N0} bytes, too many to read in one piece.");
    }

    /// <summary>The first of <see cref="GgufTensor.ByteLength"/> bytes of a tensor of this file, valid until the file is disposed.</summary>
    public byte* Pointer(GgufTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _tensorsByName.TryGetValue(tensor.Name, out var own) && ReferenceEquals(own, tensor)
            ? _start + _dataStart + tensor.Offset
            : throw new ArgumentException($"Tensor '{tensor.Name}' is not one of this file.", nameof(tensor));
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
        var cursor = new GgufCursor(new ReadOnlySpan<byte>(_start, (int)Math.Min(_length, int.MaxValue)));
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
        if (!_metadata.TryGetValue(AlignmentKey, out var value))
        {
            return DefaultAlignment;
        }

        return value.Content is uint alignment && BitOperations.IsPow2(alignment) && alignment <= MaximumAlignment
            ? alignment
            : throw new InvalidDataException($"its {AlignmentKey} is not a power of two up to {MaximumAlignment:N0}");
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
        var size = _length - _dataStart;
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

    T? Get<T>(string key, string wanted, Func<GgufValue, T?> convert)
        where T : class => _metadata.TryGetValue(key, out var value) ? convert(value) ?? throw WrongType(key, wanted) : null;

    int[] ToInt32(string key, uint[] values) =>
        Array.ConvertAll(values, value => value <= int.MaxValue ? (int)value : throw WrongType(key, "a list of 32-bit integers"));

    NoosException WrongType(string key, string wanted) =>
        new($"The metadata value '{key}' of '{Path}' is not {wanted}, so the file does not fit this program; export it again.");

    static string Shorten(string name) => name.Length <= 80 ? name : string.Concat(name.AsSpan(0, 80), "…");
}
