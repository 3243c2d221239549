using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Noos.Language.Onnx;

/// <summary>A constant tensor of an ONNX file. Its bytes share the memory of the file.</summary>
public sealed class OnnxTensor
{
    OnnxTensor(string name, OnnxElementType type, int[] shape, int count, ReadOnlyMemory<byte> bytes)
    {
        (Name, Type, Shape, Count) = (name, type, shape, count);
        Bytes = bytes;
    }

    public string Name { get; }

    public OnnxElementType Type { get; }

    /// <summary>Row-major, slowest dimension first; empty for a scalar.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Number of elements.</summary>
    public int Count { get; }

    /// <summary>The elements one after the other, little-endian.</summary>
    internal ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>A tensor of 32-bit floats.</summary>
    public static OnnxTensor From(string name, int[] shape, ReadOnlySpan<float> values) =>
        new(name, OnnxElementType.F32, shape, values.Length, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>A tensor of 64-bit integers.</summary>
    public static OnnxTensor From(string name, int[] shape, ReadOnlySpan<long> values) =>
        new(name, OnnxElementType.I64, shape, values.Length, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>The elements, as 32-bit floats.</summary>
    /// <exception cref="FormatException">They are truth values.</exception>
    public float[] ToSingles()
    {
        var values = new float[Count];
        var bytes = Bytes.Span;
        switch (Type)
        {
            case OnnxElementType.F32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
                break;
            case OnnxElementType.F16:
                Fill(2, static item => (float)BinaryPrimitives.ReadHalfLittleEndian(item));
                break;
            case OnnxElementType.BF16:
                Fill(2, static item => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(item) << 16));
                break;
            case OnnxElementType.F64:
                Fill(8, static item => (float)BinaryPrimitives.ReadDoubleLittleEndian(item));
                break;
            default:
                throw new FormatException($"the tensor '{Name}' holds {Type} where floating-point numbers belong");
        }

        return values;

        void Fill(int size, Func<ReadOnlySpan<byte>, float> read)
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = read(Bytes.Span.Slice(i * size, size));
            }
        }
    }

    /// <summary>The elements, as 64-bit integers.</summary>
    /// <exception cref="FormatException">They are none.</exception>
    public long[] ToIntegers()
    {
        var values = new long[Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Type switch
            {
                OnnxElementType.I64 => BinaryPrimitives.ReadInt64LittleEndian(Bytes.Span[(i * 8)..]),
                OnnxElementType.I32 => BinaryPrimitives.ReadInt32LittleEndian(Bytes.Span[(i * 4)..]),
                OnnxElementType.U8 => Bytes.Span[i],
                OnnxElementType.I8 => (sbyte)Bytes.Span[i],
                _ => throw new FormatException($"the tensor '{Name}' holds {Type} where whole numbers belong"),
            };
        }

        return values;
    }

    /// <summary>The elements, as truth values.</summary>
    /// <exception cref="FormatException">They are none.</exception>
    public bool[] ToBooleans() => Type == OnnxElementType.Bool
        ? [.. Bytes.ToArray().Select(value => value != 0)]
        : throw new FormatException($"the tensor '{Name}' holds {Type} where truth values belong");

    /// <summary>Bytes of one element in a file.</summary>
    internal static int SizeOf(OnnxElementType type) => type switch
    {
        OnnxElementType.U8 or OnnxElementType.I8 or OnnxElementType.Bool => 1,
        OnnxElementType.F16 or OnnxElementType.BF16 => 2,
        OnnxElementType.F32 or OnnxElementType.I32 => 4,
        _ => 8,
    };

    // TensorProto: dims 1, data_type 2, float_data 4, int32_data 5, int64_data 7, name 8, raw_data 9, double_data 10, data_location 14.
    internal static OnnxTensor Parse(ProtobufReader reader)
    {
        var name = "";
        var dimensions = new List<long>();
        var (type, isElsewhere) = (OnnxElementType.F32, false);
        var (singles, integers) = (new List<float>(), new List<long>());
        ReadOnlyMemory<byte>? raw = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    reader.AddIntegers(dimensions);
                    break;
                case 2:
                    type = (OnnxElementType)reader.Integer();
                    break;
                case 4:
                    reader.AddSingles(singles);
                    break;
                case 5 or 7:
                    reader.AddIntegers(integers);
                    break;
                case 8:
                    name = reader.Text();
                    break;
                case 9:
                    raw = reader.Bytes();
                    break;
                case 14:
                    isElsewhere = reader.Integer() == 1;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (!Enum.IsDefined(type))
        {
            throw new FormatException($"the tensor '{name}' has the element type {(int)type}, which is not known here");
        }

        if (isElsewhere)
        {
            throw new FormatException($"the tensor '{name}' lies in another file; export the model with its weights inside");
        }

        var (shape, count) = ShapeOf(name, dimensions);
        var bytes = raw ?? Pack(type, singles, integers);
        return bytes.Length == (long)count * SizeOf(type)
            ? new OnnxTensor(name, type, shape, count, bytes)
            : throw new FormatException(
                $"the tensor '{name}' has {bytes.Length} bytes where its shape asks for {(long)count * SizeOf(type)}");
    }

    static (int[] Shape, int Count) ShapeOf(string name, List<long> dimensions)
    {
        long count = 1;
        foreach (var dimension in dimensions)
        {
            // The product stays below 2^62, so that it cannot overflow before it is compared.
            count = dimension is >= 0 and <= int.MaxValue && count <= int.MaxValue ? count * dimension : long.MaxValue;
        }

        return count <= Array.MaxLength && dimensions.Count <= MaxDimensions
            ? ([.. dimensions.Select(dimension => (int)dimension)], (int)count)
            : throw new FormatException($"the tensor '{name}' has an impossible shape");
    }

    /// <summary>No tensor has more.</summary>
    internal const int MaxDimensions = 8;

    /// <summary>The bytes of elements that are written as numbers of protobuf: small types as integers, halves as their bits.</summary>
    static byte[] Pack(OnnxElementType type, List<float> singles, List<long> integers)
    {
        if (singles.Count > 0)
        {
            return MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(singles)).ToArray();
        }

        var size = SizeOf(type);
        var bytes = new byte[integers.Count * size];
        Span<byte> one = stackalloc byte[8];
        for (var i = 0; i < integers.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(one, integers[i]);
            one[..size].CopyTo(bytes.AsSpan(i * size));
        }

        return bytes;
    }
}
