using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Noos.Corpus.Archive;

/// <summary>
/// One member of a gzip file: its content, and after that its end, which is where the next one begins. The framework's stream reads all
/// members as one; where one ends is found by its checksum, of which a false hit has the probability 1e-15.
/// </summary>
sealed class GzipMember : IArchiveMember
{
    const int ChunkBytes = 16 << 10;
    const int MinHeader = 10;
    const int TrailerBytes = 8;

    readonly SafeFileHandle _file;
    readonly long _length;
    readonly ChunkStream _chunks;
    readonly DeflateStream _inflater;
    readonly Crc32 _crc = new();
    uint _size;

    GzipMember(SafeFileHandle file, long content, long length)
    {
        (_file, _length) = (file, length);
        _chunks = new ChunkStream(file, content);
        _inflater = new DeflateStream(_chunks, CompressionMode.Decompress);
    }

    /// <summary>Opens the member that begins at an offset; null where none does.</summary>
    public static GzipMember? TryOpen(SafeFileHandle file, long offset, long length)
    {
        Span<byte> header = stackalloc byte[64];
        var count = Read(file, header, offset);
        if (count < MinHeader || header[0] != 0x1F || header[1] != 0x8B || header[2] != 8 || (header[3] & 0xE0) != 0)
        {
            return null;
        }

        var (flags, at) = (header[3], MinHeader);
        if (flags != 0)
        {
            // File names and extra fields make it longer.
            header = new byte[(int)Math.Min(64 << 10, length - offset)];
            count = Read(file, header, offset);
        }

        if ((flags & 4) != 0)
        {
            at += at + 2 <= count ? 2 + BinaryPrimitives.ReadUInt16LittleEndian(header[at..]) : 2;
        }

        foreach (var flag in (ReadOnlySpan<int>)[8, 16])
        {
            if ((flags & flag) != 0)
            {
                var zero = at < count ? header[at..count].IndexOf((byte)0) : -1;
                if (zero < 0)
                {
                    return null;
                }

                at += zero + 1;
            }
        }

        at += (flags & 2) != 0 ? 2 : 0;
        return at < count ? new GzipMember(file, offset + at, length) : null;
    }

    /// <summary>Reads content.</summary>
    /// <returns>0 at its end.</returns>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public int Read(Span<byte> buffer)
    {
        var count = _inflater.Read(buffer);
        _crc.Append(buffer[..count]);
        _size += (uint)count;
        return count;
    }

    /// <summary>Where the member ends, once all of it was read; null where it is damaged or cut.</summary>
    public long? FindEnd()
    {
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        _crc.GetCurrentHash(trailer);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], _size);

        // The last byte that was inflated lies in the last chunk, so the trailer begins in it or right behind it.
        var last = new byte[(int)Math.Min(_chunks.LastCount + TrailerBytes, _length - _chunks.LastOffset)];
        var found = last.AsSpan(0, Read(_file, last, _chunks.LastOffset)).IndexOf(trailer);
        return found < 0 ? null : _chunks.LastOffset + found + TrailerBytes;
    }

    public void Dispose() => _inflater.Dispose();

    static int Read(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        var read = 0;
        while (read < buffer.Length && RandomAccess.Read(file, buffer[read..], offset + read) is > 0 and var count)
        {
            read += count;
        }

        return read;
    }

    /// <summary>Hands out a file in pieces, and knows where the last one was.</summary>
    sealed class ChunkStream(SafeFileHandle file, long offset) : Stream
    {
        long _next = offset;

        public long LastOffset { get; private set; } = offset;

        public int LastCount { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var count = RandomAccess.Read(file, buffer[..Math.Min(buffer.Length, ChunkBytes)], _next);
            if (count > 0)
            {
                (LastOffset, LastCount) = (_next, count);
                _next += count;
            }

            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
