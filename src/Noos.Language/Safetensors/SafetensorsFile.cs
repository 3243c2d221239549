using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Language.Safetensors;

/// <summary>A memory-mapped safetensors file. Everything in the header is validated on opening. Safe for concurrent readers.</summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    readonly string _path;
    readonly MemoryMappedFile _map;
    readonly MemoryMappedViewAccessor _view;
    readonly byte* _start;
    readonly Dictionary<string, SafetensorsTensor> _tensors;
    bool _disposed;

    SafetensorsFile(string path)
    {
        _path = path;
        RegularFile.Require(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1);
        var length = stream.Length;
        var headerLength = ReadHeaderLength(stream, length);
        _map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        try
        {
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
            _start += _view.PointerOffset;
            var (tensors, metadata) = SafetensorsHeader.Parse(new ReadOnlySpan<byte>(_start + 8, headerLength), length);
            Tensors = tensors;
            Metadata = metadata;
            _tensors = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The tensors in the order of the header.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <summary>Free texts of the writer; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    public IEnumerable<string> Names => Tensors.Select(t => t.Name);

    /// <exception cref="NoosException">
    /// The file is absent (<see cref="ErrorKind.NotFound"/>), unreadable, or no intact safetensors file (<see cref="ErrorKind.Damaged"/>).
    /// </exception>
    public static SafetensorsFile Open(string path)
    {
        try
        {
            return new SafetensorsFile(path);
        }
        catch (FormatException e)
        {
            throw new NoosException(
                ErrorKind.Damaged, $"'{path}' is not an intact safetensors file: {e.Message}; make or download it again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(FileErrors.KindOf(e), $"'{path}' cannot be read; the system says: {e.Message.TrimEnd('.')}.", e);
        }
    }

    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <exception cref="NoosException">There is no tensor of that name.</exception>
    public SafetensorsTensor this[string name] => _tensors.TryGetValue(name, out var tensor)
        ? tensor
        : throw new NoosException(ErrorKind.NotFound, $"'{_path}' has no tensor '{name}'; it was made for another model.");

    public SafetensorsType Dtype(string name) => this[name].Type;

    public IReadOnlyList<long> Shape(string name) => this[name].Shape;

    /// <summary>The bytes of a tensor of up to 2 GiB, straight from the mapped file; valid until the file is disposed.</summary>
    public ReadOnlySpan<byte> Data(string name)
    {
        var tensor = this[name];
        return tensor.ByteLength <= int.MaxValue
            ? new ReadOnlySpan<byte>(AddressOf(name), (int)tensor.ByteLength)
            : throw new NoosException(
                ErrorKind.Refused, $"The tensor '{name}' of '{_path}' is larger than 2 GiB; read it through its address.");
    }

    /// <summary>First byte of a tensor of any size; valid until the file is disposed.</summary>
    public byte* AddressOf(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _start + this[name].Offset;
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (_start is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        }

        _view.Dispose();
        _map.Dispose();
    }

    static int ReadHeaderLength(FileStream stream, long fileLength)
    {
        if (fileLength < 8)
        {
            throw new FormatException("it is shorter than the 8 bytes of the header's length");
        }

        Span<byte> bytes = stackalloc byte[8];
        stream.ReadExactly(bytes);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        // Compared as 64 unsigned bits, before any cast: 2^63 would become negative, and pass as short.
        if (length > SafetensorsHeader.MaxHeaderBytes)
        {
            throw new FormatException($"its header claims {length} bytes, more than the {SafetensorsHeader.MaxHeaderBytes} allowed");
        }

        return (long)length <= fileLength - 8
            ? (int)length
            : throw new FormatException($"its header claims {length} bytes but only {fileLength - 8} follow");
    }
}
