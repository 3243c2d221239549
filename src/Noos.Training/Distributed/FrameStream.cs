using System.IO.Hashing;
using System.Net.Sockets;
using System.Text.Json;

namespace Noos.Training.Distributed;

/// <summary>
/// Frames over one connection. Writes may come from several threads, reads from one. Large payloads go straight from and to native memory,
/// in pieces, with their checksum taken on the way.
/// </summary>
sealed unsafe class FrameStream(Socket socket) : IDisposable
{
    // Orders carry rows, the rest a few hundred bytes; only weights and gradients are larger, and their length is known.
    const int MaxSmallPayload = 256 << 20;
    const int PieceLength = 1 << 20;

    readonly NetworkStream _stream = new(socket, ownsSocket: true);
    readonly Lock _writing = new();
    readonly byte[] _header = new byte[Frame.Size];
    byte[]? _piece;

    /// <summary>Called whenever something was read, on the thread that reads.</summary>
    public Action? Heard { get; set; }

    public string Peer => socket.RemoteEndPoint?.ToString() ?? "";

    /// <summary>How long a read may wait; infinite at first.</summary>
    public TimeSpan ReadTimeout
    {
        set => _stream.ReadTimeout = value == Timeout.InfiniteTimeSpan ? Timeout.Infinite : (int)value.TotalMilliseconds;
    }

    public void Write(Frame frame, ReadOnlySpan<byte> payload)
    {
        lock (_writing)
        {
            WriteHeader(frame with { Length = payload.Length, PayloadHash = XxHash3.HashToUInt64(payload) });
            _stream.Write(payload);
        }
    }

    public void WriteJson<T>(Frame frame, T value) => Write(frame, JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web));

    /// <param name="frame">With the checksum of the payload.</param>
    /// <param name="memory">Not to be changed until this returns.</param>
    public void Write(Frame frame, byte* memory, long length)
    {
        lock (_writing)
        {
            WriteHeader(frame with { Length = length });
            for (long at = 0; at < length; at += PieceLength)
            {
                _stream.Write(new ReadOnlySpan<byte>(memory + at, (int)Math.Min(PieceLength, length - at)));
            }
        }
    }

    /// <exception cref="EndOfStreamException">The other side closed the connection.</exception>
    public Frame ReadHeader()
    {
        var header = new byte[Frame.Size];
        _stream.ReadExactly(header);
        Heard?.Invoke();
        return Frame.Read(header);
    }

    /// <exception cref="InvalidDataException">The payload is not what was sent.</exception>
    public byte[] ReadPayload(Frame frame)
    {
        if (frame.Length > MaxSmallPayload)
        {
            throw new InvalidDataException($"A frame of {frame.Length:N0} bytes is too long.");
        }

        var payload = new byte[frame.Length];
        _stream.ReadExactly(payload);
        Heard?.Invoke();
        return XxHash3.HashToUInt64(payload) == frame.PayloadHash
            ? payload
            : throw new InvalidDataException("A frame does not match its checksum.");
    }

    public T ReadJson<T>(Frame frame) => JsonSerializer.Deserialize<T>(ReadPayload(frame), JsonSerializerOptions.Web)
        ?? throw new InvalidDataException("A frame is empty.");

    /// <summary>Reads a payload of known length into memory, or only its checksum.</summary>
    /// <param name="memory">[length]; null: nothing is kept.</param>
    /// <returns>Checksum of what arrived.</returns>
    /// <exception cref="InvalidDataException">It has another length.</exception>
    public ulong ReadPayload(Frame frame, byte* memory, long length)
    {
        if (frame.Length != length)
        {
            throw new InvalidDataException($"A frame has {frame.Length:N0} bytes where {length:N0} were expected.");
        }

        _piece ??= new byte[PieceLength];
        var hash = new XxHash3();
        for (long at = 0; at < length; at += PieceLength)
        {
            var count = (int)Math.Min(PieceLength, length - at);
            var piece = memory == null ? _piece.AsSpan(0, count) : new Span<byte>(memory + at, count);
            _stream.ReadExactly(piece);
            hash.Append(piece);
            Heard?.Invoke();
        }

        return hash.GetCurrentHashAsUInt64();
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>XxHash3 of native memory.</summary>
    public static ulong Hash(byte* memory, long length)
    {
        var hash = new XxHash3();
        for (long at = 0; at < length; at += 1 << 30)
        {
            hash.Append(new ReadOnlySpan<byte>(memory + at, (int)Math.Min(1 << 30, length - at)));
        }

        return hash.GetCurrentHashAsUInt64();
    }

    void WriteHeader(Frame frame)
    {
        frame.Write(_header);
        _stream.Write(_header);
    }
}
