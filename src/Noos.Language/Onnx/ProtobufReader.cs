using System.Buffers.Binary;
using System.Text;

namespace Noos.Language.Onnx;

/// <summary>How the value of a field is written (https://protobuf.dev/programming-guides/encoding).</summary>
enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    LengthDelimited = 2,
    Fixed32 = 5,
}

/// <summary>
/// Reads the fields of one protobuf message, one after the other. Nothing in the bytes is believed: whatever does not fit is a
/// <see cref="FormatException"/> that says what. A field's value is read by the method of its wire type, or by <see cref="Skip"/>.
/// </summary>
/// <param name="message">The message; parts of it that are handed out share its memory.</param>
struct ProtobufReader(ReadOnlyMemory<byte> message)
{
    readonly ReadOnlyMemory<byte> _message = message;
    int _position;

    /// <summary>The number of the field that was read last.</summary>
    public int Field { get; private set; }

    public WireType Wire { get; private set; }

    /// <summary>Goes to the next field; false at the end of the message.</summary>
    /// <exception cref="FormatException">The tag is none.</exception>
    public bool Next()
    {
        if (_position == _message.Length)
        {
            return false;
        }

        var tag = RawVarint();
        Wire = (WireType)(tag & 7);
        Field = tag >> 3 is > 0 and <= 0x1FFF_FFFF and var field ? (int)field : throw new FormatException("a field has no valid number");
        return Wire is WireType.Varint or WireType.Fixed64 or WireType.LengthDelimited or WireType.Fixed32
            ? true
            : throw new FormatException($"field {Field} has the unknown wire type {(int)Wire}");
    }

    public long Integer()
    {
        Require(WireType.Varint);
        return (long)RawVarint();
    }

    public float Single()
    {
        Require(WireType.Fixed32);
        return BinaryPrimitives.ReadSingleLittleEndian(Take(4).Span);
    }

    public ReadOnlyMemory<byte> Bytes()
    {
        Require(WireType.LengthDelimited);
        var length = RawVarint();
        return length <= (ulong)(_message.Length - _position)
            ? Take((int)length)
            : throw new FormatException($"field {Field} is longer than what is left of its message");
    }

    public string Text() => Encoding.UTF8.GetString(Bytes().Span);

    public ProtobufReader Message() => new(Bytes());

    /// <summary>Adds the values of a repeated field of integers, packed or alone.</summary>
    public void AddIntegers(List<long> values)
    {
        if (Wire == WireType.Varint)
        {
            values.Add(Integer());
            return;
        }

        var packed = Message();
        while (packed._position < packed._message.Length)
        {
            values.Add((long)packed.RawVarint());
        }
    }

    /// <summary>Adds the values of a repeated field of 32-bit floats, packed or alone.</summary>
    public void AddSingles(List<float> values)
    {
        if (Wire == WireType.Fixed32)
        {
            values.Add(Single());
            return;
        }

        var packed = Bytes().Span;
        if (packed.Length % sizeof(float) != 0)
        {
            throw new FormatException($"field {Field} ends inside a number");
        }

        for (; packed.Length > 0; packed = packed[sizeof(float)..])
        {
            values.Add(BinaryPrimitives.ReadSingleLittleEndian(packed));
        }
    }

    public void Skip()
    {
        switch (Wire)
        {
            case WireType.Varint:
                RawVarint();
                break;
            case WireType.Fixed64:
                Take(8);
                break;
            case WireType.Fixed32:
                Take(4);
                break;
            default:
                Bytes();
                break;
        }
    }

    readonly void Require(WireType wanted)
    {
        if (Wire != wanted)
        {
            throw new FormatException($"field {Field} is written as {Wire} where {wanted} belongs");
        }
    }

    ulong RawVarint()
    {
        var span = _message.Span;
        ulong value = 0;

        // 64 bits are at most ten groups of seven.
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_position == span.Length)
            {
                throw new FormatException("it ends inside a number");
            }

            var group = span[_position++];
            value |= (ulong)(group & 0x7F) << shift;
            if (group < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("a number has more than 64 bits");
    }

    ReadOnlyMemory<byte> Take(int length)
    {
        if (length > _message.Length - _position)
        {
            throw new FormatException($"it ends inside field {Field}");
        }

        var taken = _message.Slice(_position, length);
        _position += length;
        return taken;
    }
}
