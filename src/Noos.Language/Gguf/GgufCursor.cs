using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Noos.Language.Gguf;

/// <summary>
/// Reads the values of a GGUF header in sequence, little-endian (gguf.md, <c>gguf_metadata_value_t</c>). Every length is
/// checked against what is left before anything is allocated. Throws <see cref="InvalidDataException"/> with half a sentence
/// that begins with "it" or "its".
/// </summary>
ref struct GgufCursor(ReadOnlySpan<byte> header)
{
    // Deeper nesting than any file has; a bound on recursion.
    const int MaxDepth = 4;

    readonly ReadOnlySpan<byte> _header = header;

    public int Position { get; private set; }

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    /// <summary>Reads a count of things that each take at least <paramref name="minBytes"/> bytes of the file.</summary>
    public int ReadCount(int minBytes, string things)
    {
        var count = ReadUInt64();
        // Compared as 64 unsigned bits: a cast first would make 2^32 + 1 a plausible 1. Below, count * size cannot overflow either, as it
        // is at most what is left.
        var max = (ulong)((_header.Length - Position) / minBytes);
        return count <= max ? (int)count : throw new InvalidDataException($"it claims {count:N0} {things}, more than fit in it");
    }

    public string ReadString() => Encoding.UTF8.GetString(Take(ReadCount(1, "bytes of text")));

    public GgufValue ReadValue() => ReadValue((GgufValueType)ReadUInt32(), MaxDepth);

    GgufValue ReadValue(GgufValueType type, int depth) => type switch
    {
        GgufValueType.UInt8 => ReadNumber<byte>(),
        GgufValueType.Int8 => ReadNumber<sbyte>(),
        GgufValueType.UInt16 => ReadNumber<ushort>(),
        GgufValueType.Int16 => ReadNumber<short>(),
        GgufValueType.UInt32 => ReadNumber<uint>(),
        GgufValueType.Int32 => ReadNumber<int>(),
        GgufValueType.Float32 => ReadNumber<float>(),
        GgufValueType.UInt64 => ReadNumber<ulong>(),
        GgufValueType.Int64 => ReadNumber<long>(),
        GgufValueType.Float64 => ReadNumber<double>(),
        GgufValueType.Bool => ToBool(ReadNumber<byte>()),
        GgufValueType.String => ReadString(),
        GgufValueType.Array => ReadArray((GgufValueType)ReadUInt32(), depth),
        _ => throw UnknownType(type),
    };

    GgufValue ReadArray(GgufValueType elementType, int depth) => elementType switch
    {
        GgufValueType.UInt8 => ReadNumbers<byte>(),
        GgufValueType.Int8 => ReadNumbers<sbyte>(),
        GgufValueType.UInt16 => ReadNumbers<ushort>(),
        GgufValueType.Int16 => ReadNumbers<short>(),
        GgufValueType.UInt32 => ReadNumbers<uint>(),
        GgufValueType.Int32 => ReadNumbers<int>(),
        GgufValueType.Float32 => ReadNumbers<float>(),
        GgufValueType.UInt64 => ReadNumbers<ulong>(),
        GgufValueType.Int64 => ReadNumbers<long>(),
        GgufValueType.Float64 => ReadNumbers<double>(),
        GgufValueType.Bool => Array.ConvertAll(ReadNumbers<byte>(), ToBool),
        GgufValueType.String => ReadStrings(),
        GgufValueType.Array => ReadArrays(depth),
        _ => throw UnknownType(elementType),
    };

    string[] ReadStrings()
    {
        var strings = new string[ReadCount(sizeof(ulong), "strings")];
        for (var i = 0; i < strings.Length; i++)
        {
            strings[i] = ReadString();
        }

        return strings;
    }

    GgufValue[] ReadArrays(int depth)
    {
        if (depth == 0)
        {
            throw new InvalidDataException("its arrays are nested too deeply");
        }

        // An empty array still has its element type and its length.
        var arrays = new GgufValue[ReadCount(sizeof(uint) + sizeof(ulong), "arrays")];
        for (var i = 0; i < arrays.Length; i++)
        {
            arrays[i] = ReadArray((GgufValueType)ReadUInt32(), depth - 1);
        }

        return arrays;
    }

    T ReadNumber<T>()
        where T : unmanaged => MemoryMarshal.Read<T>(Take(Unsafe.SizeOf<T>()));

    T[] ReadNumbers<T>()
        where T : unmanaged
    {
        var size = Unsafe.SizeOf<T>();
        var count = ReadCount(size, "numbers");
        return MemoryMarshal.Cast<byte, T>(Take(count * size)).ToArray();
    }

    ReadOnlySpan<byte> Take(int length)
    {
        // Not Position + length, which can pass 2^31.
        if (length > _header.Length - Position)
        {
            throw new InvalidDataException("it ends in the middle of its header");
        }

        var bytes = _header.Slice(Position, length);
        Position += length;
        return bytes;
    }

    static bool ToBool(byte value) => value switch
    {
        0 => false,
        1 => true,
        _ => throw new InvalidDataException($"it has a truth value of {value}, which is neither 0 nor 1"),
    };

    static InvalidDataException UnknownType(GgufValueType type) => new($"it has a metadata value of the unknown type {(uint)type}");
}
