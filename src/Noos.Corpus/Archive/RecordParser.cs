using System.Buffers;
using System.Globalization;
using System.Text;

namespace Noos.Corpus.Archive;

/// <summary>Reads one record after the other from bytes that are not compressed.</summary>
/// <param name="read">Gives the next bytes; 0 at the end.</param>
/// <param name="options">What is too long.</param>
sealed class RecordParser(RecordParser.Source read, WarcReaderOptions options)
{
    readonly byte[] _buffer = new byte[16 << 10];
    int _start;
    int _end;

    /// <summary>Gives the next bytes; 0 at the end.</summary>
    public delegate int Source(Span<byte> buffer);

    /// <summary>How many bytes were taken so far.</summary>
    public long Position { get; private set; }

    /// <summary>The next record; null at the end.</summary>
    /// <exception cref="InvalidDataException">What is there is no record.</exception>
    public WarcRecord? Read()
    {
        SkipLineEnds();
        if (!Fill())
        {
            return null;
        }

        var offset = Position;
        var version = ReadLine(options.MaxHeaderBytes);
        if (!version.StartsWith("WARC/", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"it begins with '{Shorten(version)}' and not with WARC/");
        }

        var lines = new List<string>();
        for (var room = options.MaxHeaderBytes; ;)
        {
            var line = ReadLine(room);
            if (line.Length == 0)
            {
                break;
            }

            room -= line.Length;
            lines.Add(line);
        }

        var headers = HeaderList.Parse(lines);
        if (!long.TryParse(headers["Content-Length"], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            throw new InvalidDataException("it has no Content-Length");
        }

        var content = ReadContent(Math.Min(length, options.MaxContentBytes));
        if (!Skip(length - content.Length))
        {
            throw new InvalidDataException($"it ends before its {length.ToString(CultureInfo.InvariantCulture)} bytes do");
        }

        return new WarcRecord(version, headers, content) { Offset = offset, IsCut = content.Length < length };
    }

    /// <summary>Whether nothing but line ends follows; those are taken.</summary>
    public bool IsAtEnd()
    {
        SkipLineEnds();
        return !Fill();
    }

    /// <summary>Takes everything up to the next line that begins with <c>WARC/</c>.</summary>
    /// <returns>Whether there is one.</returns>
    public bool SkipToRecord()
    {
        while (Fill())
        {
            var span = _buffer.AsSpan(_start, _end - _start);
            var found = span.IndexOf("\nWARC/"u8);
            if (found >= 0)
            {
                Take(found + 1);
                return true;
            }

            // The beginning of the word may stand at the end of what is there.
            Take(Math.Max(1, span.Length - 5));
            FillMore();
        }

        return false;
    }

    byte[] ReadContent(long length)
    {
        // A length that is a lie takes no more memory than there is content.
        var result = new ArrayBufferWriter<byte>((int)Math.Clamp(length, 16, 1 << 16));
        while (result.WrittenCount < length && Fill())
        {
            var part = _buffer.AsSpan(_start, (int)Math.Min(_end - _start, length - result.WrittenCount));
            result.Write(part);
            Take(part.Length);
        }

        return result.WrittenSpan.ToArray();
    }

    bool Skip(long count)
    {
        while (count > 0 && Fill())
        {
            var part = (int)Math.Min(_end - _start, count);
            Take(part);
            count -= part;
        }

        return count == 0;
    }

    void SkipLineEnds()
    {
        while (Fill() && _buffer[_start] is (byte)'\r' or (byte)'\n')
        {
            Take(1);
        }
    }

    string ReadLine(int room)
    {
        var line = new ArrayBufferWriter<byte>();
        while (Fill())
        {
            var span = _buffer.AsSpan(_start, _end - _start);
            var end = span.IndexOf((byte)'\n');
            line.Write(end < 0 ? span : span[..end]);
            Take(end < 0 ? span.Length : end + 1);
            if (end >= 0)
            {
                return Encoding.UTF8.GetString(line.WrittenSpan.TrimEnd((byte)'\r'));
            }

            if (line.WrittenCount > room)
            {
                throw new InvalidDataException("its head does not end");
            }
        }

        throw new InvalidDataException("it ends in its head");
    }

    bool Fill()
    {
        if (_start == _end)
        {
            (_start, _end) = (0, read(_buffer));
        }

        return _end > _start;
    }

    void FillMore()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        _end += read(_buffer.AsSpan(_end));
    }

    void Take(int count)
    {
        _start += count;
        Position += count;
    }

    static string Shorten(string text) => new([.. text.Take(20).Select(letter => char.IsControl(letter) ? '?' : letter)]);
}
