using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Noos.Core;

namespace Noos.Corpus.Archive;

/// <summary>
/// Reads WARC files of all versions, plain, in gzip members or in Zstandard frames (with a dictionary too): by turns or from an offset
/// of an index. Damage is passed over up to the next record, and told. Memory is bounded by one record. Not thread-safe.
/// </summary>
public sealed class WarcReader : IDisposable
{
    readonly SafeFileHandle _file;
    readonly string _path;
    readonly long _length;
    readonly WarcReaderOptions _options;
    readonly bool _isZstandard;
    readonly byte[]? _dictionary;
    readonly List<string> _faults = [];
    byte[]? _search;

    WarcReader(string path, SafeFileHandle file, WarcReaderOptions options)
    {
        (_path, _file, _options, _length) = (path, file, options, RandomAccess.GetLength(file));
        Span<byte> head = stackalloc byte[4];
        var count = RandomAccess.Read(file, head, 0);
        _isZstandard = ZstandardMember.Begins(head[..count]);
        IsPacked = _isZstandard || head[..count].StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]);
        try
        {
            _dictionary = _isZstandard ? ZstandardMember.ReadDictionary(file) : null;
        }
        catch (InvalidDataException e)
        {
            file.Dispose();
            throw new NoosException(ErrorKind.Damaged, $"'{path}' cannot be read: {e.Message}.", e);
        }
    }

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

        if (IsPacked)
        {
            return ReadMembers(0, _length, following: 0);
        }

        return head.StartsWith("WARC/"u8) ? ReadPlain() : throw new NoosException(
            ErrorKind.Damaged, $"'{_path}' is no WARC file: it begins neither with WARC/ nor as a gzip or Zstandard file does.");
    }

    /// <summary>
    /// The records that begin in a part of the file, so that many readers share one: every record is in exactly one of adjacent parts. A
    /// file that is not in members is in its first part.
    /// </summary>
    /// <param name="start">First byte.</param>
    /// <param name="end">The byte behind the last.</param>
    /// <param name="following">How many records behind the end are given as well: what is said of the last one within.</param>
    /// <exception cref="NoosException">The file is no WARC file at all.</exception>
    public IEnumerable<WarcRecord> Read(long start, long end, int following = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        if (!IsPacked)
        {
            return start == 0 ? Read() : [];
        }

        end = Math.Min(end, _length);
        var begin = start == 0 ? 0 : FindRecordMember(start, end);
        return begin >= end ? [] : ReadMembers(begin, end, following);
    }

    /// <summary>Whether parts of the file can be read by themselves.</summary>
    public bool IsPacked { get; }

    /// <summary>The record at an offset, as an index names it.</summary>
    /// <exception cref="NoosException">There is none.</exception>
    public WarcRecord ReadAt(long offset)
    {
        try
        {
            using var member = TryOpen(offset);
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

    IEnumerable<WarcRecord> ReadMembers(long begin, long end, int following)
    {
        for (long? offset = begin; offset < _length;)
        {
            var start = offset.Value;
            if (start >= end && following-- <= 0)
            {
                yield break;
            }

            if (_isZstandard && ZstandardMember.SkipEmpty(_file, start) is { } behind)
            {
                offset = behind;
                continue;
            }

            WarcRecord? first = null;
            RecordParser? rest = null;
            var member = TryOpen(start);
            try
            {
                if (member is null)
                {
                    AddFault(start, _isZstandard ? "it is no frame" : "it is no gzip member");
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
                    yield return first with { Length = rest is null && offset is { } next ? next - start : -1 };
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

    IArchiveMember? TryOpen(long offset) => _isZstandard
        ? ZstandardMember.TryOpen(_file, offset, _dictionary) : GzipMember.TryOpen(_file, offset, _length);

    /// <summary>The first record of a member, and a parser for further ones where there are any.</summary>
    (WarcRecord? First, RecordParser? Others) ReadMember(IArchiveMember member, long offset)
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

    /// <summary>The first member in a part that begins with a record; the end of the part where none does.</summary>
    long FindRecordMember(long start, long end)
    {
        Span<byte> head = stackalloc byte[5];
        for (var offset = FindMember(start); offset < end; offset = FindMember(offset + 1))
        {
            // The three bytes of a member's beginning stand in packed content, too.
            using var member = TryOpen(offset);
            try
            {
                var count = 0;
                while (member is not null && count < head.Length && member.Read(head[count..]) is > 0 and var read)
                {
                    count += read;
                }

                if (count == head.Length && head.SequenceEqual("WARC/"u8))
                {
                    return offset;
                }
            }
            catch (InvalidDataException)
            {
                // No member.
            }
        }

        return end;
    }

    /// <summary>The next offset at which a member seems to begin; the end of the file where none does.</summary>
    long FindMember(long offset)
    {
        var buffer = _search ??= new byte[8 << 10];
        while (offset < _length)
        {
            var count = RandomAccess.Read(_file, buffer, offset);
            var found = buffer.AsSpan(0, count).IndexOf(_isZstandard ? [0x28, 0xB5, 0x2F, 0xFD] : (ReadOnlySpan<byte>)[0x1F, 0x8B, 8]);
            if (found >= 0)
            {
                return offset + found;
            }

            if (count < 4)
            {
                break;
            }

            offset += count - 3;
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
