using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Language.Gguf;

/// <summary>
/// Writes a GGUF file of version 3, little-endian, aligned to 32 bytes. Tensors are produced one at a time while the file is written,
/// so a model need not fit into memory twice. The same content always gives the same bytes.
/// </summary>
public sealed class GgufWriter
{
    const int Alignment = (int)GgufFile.DefaultAlignment;

    // Limits of the specification (keys) and of ggml (names with their closing zero, dimensions).
    const int MaxKeyBytes = 65535;
    const int MaxNameBytes = 63;
    const int MaxDimensions = 4;

    readonly List<(string Key, GgufValue Value)> _metadata = [];
    readonly List<(GgufTensor Tensor, Action<Stream> Write)> _tensors = [];
    readonly HashSet<string> _keys = [];
    readonly HashSet<string> _names = [];
    long _dataLength;

    /// <exception cref="ArgumentException">The key is there already, or not one of the format.</exception>
    public void Add(string key, GgufValue value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(value);
        if (Encoding.UTF8.GetByteCount(key) > MaxKeyBytes || key == GgufFile.AlignmentKey || !_keys.Add(key))
        {
            throw new ArgumentException($"The metadata key '{key}' is too long, reserved or there already.", nameof(key));
        }

        _metadata.Add((key, value));
    }

    /// <summary>Adds a tensor whose bytes are copied now.</summary>
    /// <inheritdoc cref="AddTensor(string, GgufTensorType, IReadOnlyList{long}, Func{ReadOnlyMemory{byte}})"/>
    public void AddTensor(string name, GgufTensorType type, IReadOnlyList<long> dimensions, ReadOnlySpan<byte> data)
    {
        var copy = data.ToArray();
        AddTensor(name, type, dimensions, () => copy);
    }

    /// <summary>Adds a tensor whose bytes are asked for when the file is written.</summary>
    /// <param name="name">Unique, at most 63 bytes of UTF-8.</param>
    /// <param name="type">How the bytes are to be read.</param>
    /// <param name="dimensions">One to four sizes, the fastest first; the first is a multiple of the type's block length.</param>
    /// <param name="data">Gives the bytes; called once for each file written.</param>
    public void AddTensor(string name, GgufTensorType type, IReadOnlyList<long> dimensions, Func<ReadOnlyMemory<byte>> data)
    {
        ArgumentNullException.ThrowIfNull(data);
        AddTensor(name, type, dimensions, stream => stream.Write(data().Span));
    }

    /// <summary>Adds a tensor that writes its bytes itself, piece by piece, when the file is written.</summary>
    /// <inheritdoc cref="AddTensor(string, GgufTensorType, IReadOnlyList{long}, Func{ReadOnlyMemory{byte}})"/>
    /// <param name="write">Writes the bytes to the stream; called once for each file written.</param>
    public void AddTensor(string name, GgufTensorType type, IReadOnlyList<long> dimensions, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(dimensions);
        ArgumentNullException.ThrowIfNull(write);
        var layout = GgufTensorLayout.For(type);
        if (dimensions.Count is < 1 or > MaxDimensions
            || dimensions.Any(dimension => dimension < 1)
            || dimensions[0] % layout.BlockLength != 0)
        {
            throw new ArgumentException(
                $"A tensor of type {type} cannot have the dimensions ({string.Join(", ", dimensions)}).", nameof(dimensions));
        }

        if (Encoding.UTF8.GetByteCount(name) > MaxNameBytes || !_names.Add(name))
        {
            throw new ArgumentException($"The tensor name '{name}' is too long or there already.", nameof(name));
        }

        var bytes = layout.BytesOf(dimensions.Aggregate(1L, (product, dimension) => checked(product * dimension)));
        _tensors.Add((new GgufTensor(name, type, [.. dimensions], _dataLength, bytes), write));
        _dataLength = checked(_dataLength + Padded(bytes));
    }

    /// <summary>Writes or replaces the file; when it fails, what was there before stays as it was.</summary>
    /// <exception cref="NoosException">The file cannot be written.</exception>
    public void WriteTo(string path) => AtomicFile.Write(path, WriteTo);

    /// <summary>Writes the file to a stream that knows its position.</summary>
    public void WriteTo(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var header = new ArrayBufferWriter<byte>(1 << 16);
        header.Write("GGUF"u8);
        Write(header, 3u);
        Write(header, (ulong)_tensors.Count);
        Write(header, (ulong)_metadata.Count);
        foreach (var (key, value) in _metadata)
        {
            Write(header, key);
            Write(header, (uint)value.Type);
            WriteContent(header, value);
        }

        foreach (var (tensor, _) in _tensors)
        {
            Write(header, tensor.Name);
            Write(header, (uint)tensor.Dimensions.Count);
            foreach (var dimension in tensor.Dimensions)
            {
                Write(header, (ulong)dimension);
            }

            Write(header, (uint)tensor.Type);
            Write(header, (ulong)tensor.Offset);
        }

        stream.Write(header.WrittenSpan);
        Pad(stream, header.WrittenCount);
        foreach (var (tensor, write) in _tensors)
        {
            var start = stream.Position;
            write(stream);
            var length = stream.Position - start;
            if (length != tensor.ByteLength)
            {
                throw new InvalidOperationException(
                    $"Tensor '{tensor.Name}' should have {tensor.ByteLength:N0} bytes and was given {length:N0}.");
            }

            Pad(stream, length);
        }
    }

    static void WriteContent(ArrayBufferWriter<byte> output, GgufValue value)
    {
        if (value.ElementType is not { } elementType)
        {
            WriteScalar(output, value.Content);
            return;
        }

        var elements = (Array)value.Content;
        Write(output, (uint)elementType);
        Write(output, (ulong)elements.Length);
        switch (elements)
        {
            case GgufValue[] arrays:
                foreach (var array in arrays)
                {
                    WriteContent(output, array);
                }

                break;
            case string[] texts:
                foreach (var text in texts)
                {
                    Write(output, text);
                }

                break;
            default:
                // Arrays of numbers: this machine is little-endian, as the file is.
                output.Write(
                    MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(elements), Buffer.ByteLength(elements)));
                break;
        }
    }

    static void WriteScalar(ArrayBufferWriter<byte> output, object content)
    {
        switch (content)
        {
            case string text:
                Write(output, text);
                break;
            case bool truth:
                output.Write([truth ? (byte)1 : (byte)0]);
                break;
            case byte number:
                output.Write([number]);
                break;
            case sbyte number:
                output.Write([(byte)number]);
                break;
            case ushort number:
                BinaryPrimitives.WriteUInt16LittleEndian(Reserve(output, sizeof(ushort)), number);
                break;
            case short number:
                BinaryPrimitives.WriteInt16LittleEndian(Reserve(output, sizeof(short)), number);
                break;
            case uint number:
                Write(output, number);
                break;
            case int number:
                Write(output, (uint)number);
                break;
            case ulong number:
                Write(output, number);
                break;
            case long number:
                Write(output, (ulong)number);
                break;
            case float number:
                BinaryPrimitives.WriteSingleLittleEndian(Reserve(output, sizeof(float)), number);
                break;
            case double number:
                BinaryPrimitives.WriteDoubleLittleEndian(Reserve(output, sizeof(double)), number);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    static void Write(ArrayBufferWriter<byte> output, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(output, sizeof(uint)), value);

    static void Write(ArrayBufferWriter<byte> output, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(output, sizeof(ulong)), value);

    static void Write(ArrayBufferWriter<byte> output, string text)
    {
        Write(output, (ulong)Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, output);
    }

    static Span<byte> Reserve(ArrayBufferWriter<byte> output, int length)
    {
        var span = output.GetSpan(length)[..length];
        output.Advance(length);
        return span;
    }

    static long Padded(long length) => (length + Alignment - 1) & -Alignment;

    static void Pad(Stream stream, long length) => stream.Write(stackalloc byte[(int)(Padded(length) - length)]);
}
