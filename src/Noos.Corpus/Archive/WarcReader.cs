using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Noos.Core;

namespace Noos.Corpus.Archive;

/// <summary>
/// Reads WARC files of all versions, plain or in gzip members: by turns or from an offset of an index. Damage is passed over up to the next
/// record, and told. Memory is bounded by one record. Not thread-safe.
/// </summary>
public sealed class WarcReader : IDisposable
{
    readonly SafeFileHandle _file;
    readonly string _path;
    readonly long _length;
    readonly WarcReaderOptions _options;
    readonly List<string> _faults = [];

    WarcReader(string path, SafeFileHandle file, WarcReaderOptions options) =>
        (_path, _file, _options, _length) = (path, file, options, RandomAccess.GetLength(file));

    /// <summary>What was damaged so far, a clause each, with its offset.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <exception cref="NoosException">The file is not there, or cannot be read.</exception>
    public static WarcReader Open(string path, WarcReaderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return new WarcReader(path, File.OpenHandle(path), options ?? new WarcReaderOptions());
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NoosException(ErrorKind.NotFound, $"There is no file '{path}'; check its name.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(ErrorKind.Refused, $"'{path}' cannot be read; give this user the right to.", e);
        }
    }

    /// <summary>All records, in their order.</summary>
    /// <exception cref="NoosException">The file is no WARC file at all.</exception>
    public IEnumerable<WarcRecord> Read()
    {
        Span<byte> head = stackalloc byte[5];
        var count = RandomAccess.Read(_file, head, 0);
        head = head[..count];
        if (head.IsEmpty)
        {
            return [];
        }

        if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return ReadMembers();
        }

        return head.StartsWith("WARC/"u8) ? ReadPlain() : throw new NoosException(
            ErrorKind.Damaged, $"'{_path}' is no WARC file: it begins neither with WARC/ nor as a gzip file does.");
    }

    /// <summary>The record at an offset, as an index names it.</summary>
    /// <exception cref="NoosException">There is none.</exception>
    public WarcRecord ReadAt(long offset)
    {
        try
        {
            using var member = GzipMember.TryOpen(_file, offset, _length);
            var record = member is null ? new RecordParser(PlainSource(offset), _options).Read() : ReadMember(member, offset).First;
            if (record is not null)
            {
                return record with { Offset = offset };
            }
        }
        catch (InvalidDataException e)
        {
            throw NoRecord(offset, e);
        }

        throw NoRecord(offset, null);
    }

    public void Dispose() => _file.Dispose();

    NoosException NoRecord(long offset, Exception? inner)
    {
        var sentence = string.Create(CultureInfo.InvariantCulture, $"There is no record at {offset} of '{_path}'; index the file again.");
        return inner is null ? new NoosException(ErrorKind.Damaged, sentence) : new NoosException(ErrorKind.Damaged, sentence, inner);
    }

    RecordParser.Source PlainSource(long offset)
    {
        var next = offset;
        return buffer =>
        {
            var count = RandomAccess.Read(_file, buffer, next);
            next += count;
            return count;
        };
    }

    IEnumerable<WarcRecord> ReadPlain()
    {
        var parser = new RecordParser(PlainSource(0), _options);
        WarcRecord? last = null;
        while (true)
        {
            var start = parser.Position;
            WarcRecord? record = null;
            var isDamaged = false;
            try
            {
                record = parser.Read();
            }
            catch (InvalidDataException e)
            {
                AddFault(start, e.Message);
                isDamaged = true;
            }

            if (last is not null)
            {
                yield return last with { Length = (record?.Offset ?? (isDamaged ? start : parser.Position)) - last.Offset };
                last = null;
            }

            if (isDamaged)
            {
                if (!parser.SkipToRecord())
                {
                    yield break;
                }
            }
            else if (record is null)
            {
                yield break;
            }
            else
            {
                // Its length is known when the next one begins.
                last = record;
            }
        }
    }

    IEnumerable<WarcRecord> ReadMembers()
    {
        for (long? offset = 0; offset < _length;)
        {
            var start = offset.Value;
            WarcRecord? first = null;
            RecordParser? rest = null;
            var member = GzipMember.TryOpen(_file, start, _length);
            try
            {
                if (member is null)
                {
                    AddFault(start, "it is no gzip member");
                    offset = FindMember(start + 1);
                    continue;
                }

                try
                {
                    (first, rest) = ReadMember(member, start);
                    offset = rest is null ? member.FindEnd() : offset;
                    if (offset is null)
                    {
                        AddFault(start, "its checksum is wrong or it is cut");
                    }
                }
                catch (InvalidDataException e)
                {
                    AddFault(start, e.Message);
                    offset = null;
                }

                if (first is not null)
                {
                    yield return first with { Length = rest is null && offset is { } end ? end - start : -1 };
                }

                // A file that was packed as a whole is one member with many records, which have no offsets.
                while (rest is not null && TryRead(rest, start, out var record))
                {
                    yield return record with { Offset = -1 };
                }

                if (rest is not null)
                {
                    offset = member.FindEnd();
                }

                offset ??= FindMember(start + 1);
            }
            finally
            {
                member?.Dispose();
            }
        }
    }

    /// <summary>The first record of a member, and a parser for further ones where there are any.</summary>
    (WarcRecord? First, RecordParser? Others) ReadMember(GzipMember member, long offset)
    {
        var parser = new RecordParser(member.Read, _options);
        var record = parser.Read();
        return (record is null ? null : record with { Offset = offset }, parser.IsAtEnd() ? null : parser);
    }

    bool TryRead(RecordParser parser, long start, out WarcRecord record)
    {
        try
        {
            if (parser.Read() is { } next)
            {
                record = next;
                return true;
            }
        }
        catch (InvalidDataException e)
        {
            AddFault(start, e.Message);
        }

        record = null!;
        return false;
    }

    /// <summary>The next offset at which a member seems to begin; the end of the file where none does.</summary>
    long FindMember(long offset)
    {
        var buffer = new byte[64 << 10];
        while (offset < _length)
        {
            var count = RandomAccess.Read(_file, buffer, offset);
            var found = buffer.AsSpan(0, count).IndexOf((ReadOnlySpan<byte>)[0x1F, 0x8B, 8]);
            if (found >= 0)
            {
                return offset + found;
            }

            if (count < 3)
            {
                break;
            }

            offset += count - 2;
        }

        return _length;
    }

    void AddFault(long offset, string fault)
    {
        // Noise gives a fault for every few bytes.
        const int MaxFaults = 1000;
        if (_faults.Count < MaxFaults)
        {
            _faults.Add(string.Create(CultureInfo.InvariantCulture, $"at {offset}: {fault}"));
        }
    }
}
