using System.Buffers.Binary;

namespace Noos.Media.Audio.Formats;

/// <summary>
/// Packets of the first logical stream of an Ogg file (RFC 3533), page by page; bytes between pages are passed over, and so are pages
/// whose checksum is wrong, as the RFC says. Not thread-safe.
/// </summary>
sealed class OggReader(Stream content)
{
    const int HeaderLength = 27;

    // RFC 7845 sets it for Opus: no packet of sound comes near.
    const int MaxPacketLength = 1 << 20;
    const int MaxPageLength = 255 * 255;
    const byte Continued = 1;
    const byte Last = 4;

    static readonly uint[] s_checksums = MakeChecksums();

    readonly byte[] _header = new byte[HeaderLength + 255];
    readonly byte[] _body = new byte[MaxPageLength];
    readonly List<byte> _partial = [];
    readonly Queue<OggPacket> _packets = new();
    uint? _serial;
    bool _isAtEnd;

    /// <summary>The next packet; null at the end.</summary>
    public OggPacket? ReadPacket()
    {
        while (_packets.Count == 0)
        {
            if (_isAtEnd || !ReadPage())
            {
                return null;
            }
        }

        return _packets.Dequeue();
    }

    bool ReadPage()
    {
        if (!FindPage())
        {
            return false;
        }

        var segments = _header[26];
        var table = _header.AsSpan(HeaderLength, segments);
        if (content.ReadAtLeast(table, segments, throwOnEndOfStream: false) < segments)
        {
            return false;
        }

        var length = 0;
        foreach (var lacing in table)
        {
            length += lacing;
        }

        var body = _body.AsSpan(0, length);
        if (content.ReadAtLeast(body, length, throwOnEndOfStream: false) < length)
        {
            return false;
        }

        var serial = BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(14));
        if (!HasChecksum(segments, body) || (_serial ??= serial) != serial)
        {
            return true;
        }

        ReadPackets(table, body);
        return true;
    }

    void ReadPackets(ReadOnlySpan<byte> table, ReadOnlySpan<byte> body)
    {
        var flags = _header[5];
        var granule = BinaryPrimitives.ReadInt64LittleEndian(_header.AsSpan(6));
        if ((flags & Continued) == 0)
        {
            // Whatever was begun was never ended.
            _partial.Clear();
        }

        var isWhole = (flags & Continued) == 0 || _partial.Count > 0;
        var added = new List<OggPacket>();
        foreach (var lacing in table)
        {
            _partial.AddRange(body[..lacing]);
            body = body[lacing..];
            if (_partial.Count > MaxPacketLength)
            {
                throw new InvalidDataException("a packet is too long");
            }

            if (lacing < 255)
            {
                // The rest of a packet whose beginning was lost is of no use.
                if (isWhole)
                {
                    added.Add(new OggPacket([.. _partial], Granule: -1, IsLast: false));
                }

                isWhole = true;
                _partial.Clear();
            }
        }

        _isAtEnd = (flags & Last) != 0;
        for (var i = 0; i < added.Count; i++)
        {
            // The position of a page is that behind its last packet.
            var isLast = i == added.Count - 1;
            _packets.Enqueue(added[i] with { Granule = isLast ? granule : -1, IsLast = isLast && _isAtEnd });
        }
    }

    /// <summary>Reads the fixed part of the header of the next page.</summary>
    bool FindPage()
    {
        var header = _header.AsSpan(0, HeaderLength);
        if (content.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength)
        {
            return false;
        }

        while (!header.StartsWith("OggS"u8) || header[4] != 0)
        {
            var next = header[1..].IndexOf((byte)'O');
            var kept = next < 0 ? 0 : HeaderLength - 1 - next;
            header[^kept..].CopyTo(header);
            if (content.ReadAtLeast(header[kept..], HeaderLength - kept, throwOnEndOfStream: false) < HeaderLength - kept)
            {
                return false;
            }
        }

        return true;
    }

    bool HasChecksum(int segments, ReadOnlySpan<byte> body)
    {
        var expected = BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(22));
        // It was computed with zeros in its own place.
        _header.AsSpan(22, 4).Clear();
        var checksum = Checksum(Checksum(0, _header.AsSpan(0, HeaderLength + segments)), body);
        return checksum == expected;
    }

    static uint Checksum(uint checksum, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            checksum = (checksum << 8) ^ s_checksums[(checksum >> 24) ^ value];
        }

        return checksum;
    }

    /// <summary>CRC-32 with the polynomial 0x04C11DB7, the highest bit first, without inversion.</summary>
    static uint[] MakeChecksums()
    {
        var table = new uint[256];
        for (var value = 0u; value < table.Length; value++)
        {
            var checksum = value << 24;
            for (var bit = 0; bit < 8; bit++)
            {
                checksum = (checksum << 1) ^ ((checksum & 0x8000_0000) != 0 ? 0x04C1_1DB7u : 0);
            }

            table[value] = checksum;
        }

        return table;
    }
}

/// <summary>A packet of an Ogg stream.</summary>
/// <param name="Data">Its bytes.</param>
/// <param name="Granule">The position behind it; -1 where its page does not say.</param>
/// <param name="IsLast">Of the stream.</param>
sealed record OggPacket(byte[] Data, long Granule, bool IsLast);
