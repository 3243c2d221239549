using System.Buffers.Binary;

namespace Noos.Training.Distributed;

/// <summary>What a frame between coordinator and worker says.</summary>
enum FrameKind : ushort
{
    /// <summary>Coordinator: bytes that the worker must answer with their HMAC.</summary>
    Challenge = 1,

    /// <summary>Worker: the HMAC, and who it is (<see cref="WorkerHello"/>).</summary>
    Hello,

    /// <summary>Coordinator: what to compute (<see cref="WorkerWelcome"/>).</summary>
    Welcome,

    /// <summary>Coordinator: a sentence why not.</summary>
    Refused,

    /// <summary>Worker: still alive.</summary>
    Heartbeat,

    /// <summary>Coordinator: all weights.</summary>
    Weights,

    /// <summary>Coordinator: shards to compute with these weights (<see cref="ShardOrder"/>).</summary>
    Order,

    /// <summary>Worker: the gradient of one shard.</summary>
    Gradient,

    /// <summary>Coordinator: the training is over. Worker: it leaves.</summary>
    Bye,
}

/// <summary>Header of a frame; little-endian on the wire, followed by <see cref="Length"/> bytes.</summary>
readonly record struct Frame
{
    /// <summary>Bytes of a header.</summary>
    public const int Size = 56;

    // "NOOS" and the version of the protocol.
    const uint Magic = 0x534F4F4E;
    const ushort Version = 1;

    public required FrameKind Kind { get; init; }

    /// <summary>Number of the attempt: answers to earlier ones are out of date.</summary>
    public long Attempt { get; init; }

    /// <summary>Shard of a gradient.</summary>
    public int Shard { get; init; }

    /// <summary>Loss of a shard.</summary>
    public double Loss { get; init; }

    /// <summary>XxHash3 of the weights: those sent, or those that a gradient was computed with.</summary>
    public ulong WeightsHash { get; init; }

    /// <summary>XxHash3 of the payload, taken where it was made.</summary>
    public ulong PayloadHash { get; init; }

    /// <summary>Bytes of the payload.</summary>
    public long Length { get; init; }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(target[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(target[6..], (ushort)Kind);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], Attempt);
        BinaryPrimitives.WriteInt32LittleEndian(target[16..], Shard);
        BinaryPrimitives.WriteInt32LittleEndian(target[20..], 0);
        BinaryPrimitives.WriteDoubleLittleEndian(target[24..], Loss);
        BinaryPrimitives.WriteUInt64LittleEndian(target[32..], WeightsHash);
        BinaryPrimitives.WriteUInt64LittleEndian(target[40..], PayloadHash);
        BinaryPrimitives.WriteInt64LittleEndian(target[48..], Length);
    }

    /// <exception cref="InvalidDataException">These bytes are no header of this version.</exception>
    public static Frame Read(ReadOnlySpan<byte> source)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic || BinaryPrimitives.ReadUInt16LittleEndian(source[4..]) != Version)
        {
            throw new InvalidDataException("The other side does not speak this version of the protocol.");
        }

        var frame = new Frame
        {
            Kind = (FrameKind)BinaryPrimitives.ReadUInt16LittleEndian(source[6..]),
            Attempt = BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
            Shard = BinaryPrimitives.ReadInt32LittleEndian(source[16..]),
            Loss = BinaryPrimitives.ReadDoubleLittleEndian(source[24..]),
            WeightsHash = BinaryPrimitives.ReadUInt64LittleEndian(source[32..]),
            PayloadHash = BinaryPrimitives.ReadUInt64LittleEndian(source[40..]),
            Length = BinaryPrimitives.ReadInt64LittleEndian(source[48..]),
        };
        return frame.Length >= 0 ? frame : throw new InvalidDataException("A frame has a negative length.");
    }
}
