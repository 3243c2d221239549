using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Noos.Corpus.Archive;

/// <summary>
/// One frame of a Zstandard file (RFC 8878), as the specification of WARC files in Zstandard has one for a record. Frames that hold no
/// content are passed over; one of them may hold a dictionary for all others.
/// </summary>
sealed unsafe class ZstandardMember : IArchiveMember
{
    const int ChunkBytes = 16 << 10;
    const uint Magic = 0xFD2FB528;
    const uint SkippableMagic = 0x184D2A50;
    const uint DictionaryMagic = 0x184D2A5D;
    const int MaxDictionaryBytes = 64 << 20;

    readonly SafeFileHandle _file;
    readonly ZSTD_DCtx_s* _context;
    readonly byte[] _chunk = new byte[ChunkBytes];
    long _chunkOffset;
    int _start;
    int _end;
    long? _frameEnd;
    bool _isDisposed;

    ZstandardMember(SafeFileHandle file, long offset, byte[]? dictionary)
    {
        _file = file;
        _chunkOffset = offset;
        _context = Methods.ZSTD_createDCtx();
        if (dictionary is not null)
        {
            fixed (byte* start = dictionary)
            {
                _ = Methods.ZSTD_DCtx_loadDictionary(_context, start, (nuint)dictionary.Length);
            }
        }
    }

    /// <summary>Whether a file begins as one of frames does.</summary>
    public static bool Begins(ReadOnlySpan<byte> head) => head.Length >= 4
        && BinaryPrimitives.ReadUInt32LittleEndian(head) is var word && (word == Magic || (word & 0xFFFFFFF0) == SkippableMagic);

    /// <summary>Opens the frame that begins at an offset; null where none does.</summary>
    public static ZstandardMember? TryOpen(SafeFileHandle file, long offset, byte[]? dictionary)
    {
        Span<byte> head = stackalloc byte[4];
        return Read(file, head, offset) == 4 && BinaryPrimitives.ReadUInt32LittleEndian(head) == Magic
            ? new ZstandardMember(file, offset, dictionary) : null;
    }

    /// <summary>Where a frame without content ends that begins at an offset; null where none does.</summary>
    public static long? SkipEmpty(SafeFileHandle file, long offset)
    {
        Span<byte> head = stackalloc byte[8];
        return Read(file, head, offset) == 8 && (BinaryPrimitives.ReadUInt32LittleEndian(head) & 0xFFFFFFF0) == SkippableMagic
            ? offset + 8 + BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) : null;
    }

    /// <summary>The dictionary at the beginning of a file, unpacked if it is packed itself; null where there is none.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static byte[]? ReadDictionary(SafeFileHandle file)
    {
        Span<byte> head = stackalloc byte[8];
        if (Read(file, head, 0) < 8 || BinaryPrimitives.ReadUInt32LittleEndian(head) != DictionaryMagic)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        if (length > MaxDictionaryBytes || length + 8 > RandomAccess.GetLength(file))
        {
            throw new InvalidDataException("its dictionary is cut or too long");
        }

        var content = new byte[length];
        Read(file, content, 8);
        try
        {
            using var decompressor = new Decompressor();
            return content.Length > 4 && BinaryPrimitives.ReadUInt32LittleEndian(content) == Magic
                ? decompressor.Unwrap(content, MaxDictionaryBytes).ToArray() : content;
        }
        catch (ZstdException e)
        {
            throw new InvalidDataException("its dictionary is damaged", e);
        }
    }

    public int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (buffer.IsEmpty)
        {
            return 0;
        }

        fixed (byte* output = buffer)
        fixed (byte* input = _chunk)
        {
            while (_frameEnd is null)
            {
                var source = new ZSTD_inBuffer_s { src = input, pos = (nuint)_start, size = (nuint)_end };
                var target = new ZSTD_outBuffer_s { dst = output, pos = 0, size = (nuint)buffer.Length };
                var result = Methods.ZSTD_decompressStream(_context, &target, &source);
                if (Methods.ZSTD_isError(result))
                {
                    throw new InvalidDataException($"it is damaged ({Methods.ZSTD_getErrorName(result)})");
                }

                _start = (int)source.pos;
                if (result == 0 && (target.pos > 0 || _end > 0))
                {
                    _frameEnd = _chunkOffset + _start;
                }

                if (target.pos > 0)
                {
                    return (int)target.pos;
                }

                if (_frameEnd is null && _start == _end)
                {
                    _chunkOffset += _end;
                    (_start, _end) = (0, RandomAccess.Read(_file, _chunk, _chunkOffset));
                    if (_end == 0)
                    {
                        throw new InvalidDataException("it is cut");
                    }
                }
            }

            return 0;
        }
    }

    public long? FindEnd() => _frameEnd;

    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _ = Methods.ZSTD_freeDCtx(_context);
        }
    }

    static int Read(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        var read = 0;
        while (read < buffer.Length && RandomAccess.Read(file, buffer[read..], offset + read) is > 0 and var count)
        {
            read += count;
        }

        return read;
    }
}
