namespace Noos.Corpus.CommonCrawl;

/// <summary>
/// A file elsewhere as a stream that can seek: what was loaded is read from memory, anything else by a range of its own. For a reader that
/// knows what it will need, and says so with <see cref="LoadAsync"/>. Not thread-safe.
/// </summary>
/// <param name="length">Of the file, in bytes.</param>
/// <param name="read">Reads so many bytes from an offset on.</param>
sealed class RangeStream(long length, Func<long, int, CancellationToken, Task<byte[]>> read) : Stream
{
    // What is asked for without having been announced is little.
    const int PieceBytes = 4 << 10;

    // The ends of a file are looked at between its columns.
    const int MaxRanges = 3;

    readonly List<(long Start, byte[] Bytes)> _ranges = [];
    long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <summary>Brings a range into memory, in place of what was read the longest time ago.</summary>
    /// <exception cref="EndOfStreamException">The file is shorter.</exception>
    public async Task LoadAsync(long offset, int count, CancellationToken cancellationToken)
    {
        if (_ranges.Exists(range => offset >= range.Start && offset + count <= range.Start + range.Bytes.Length))
        {
            return;
        }

        // Before the next one comes.
        _ranges.RemoveRange(0, Math.Max(0, _ranges.Count - MaxRanges + 1));
        var bytes = await read(offset, count, cancellationToken);
        _ranges.Add(bytes.Length == count ? (offset, bytes) : throw new EndOfStreamException());
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = (int)Math.Min(buffer.Length, length - _position);
        if (count <= 0)
        {
            return 0;
        }

        if (!_ranges.Exists(Has))
        {
            await LoadAsync(_position, (int)Math.Min(Math.Max(count, PieceBytes), length - _position), cancellationToken);
        }

        var (start, bytes) = _ranges.Find(Has);
        var at = (int)(_position - start);
        count = Math.Min(count, bytes.Length - at);
        bytes.AsMemory(at, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    bool Has((long Start, byte[] Bytes) range) => _position >= range.Start && _position < range.Start + range.Bytes.Length;

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin)
    {
        var position = offset + origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => _position,
            _ => length,
        };
        return _position = position >= 0 ? position : throw new IOException("A place before the beginning of the file is asked for.");
    }

    public override void Flush()
    {
        // Nothing is written.
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
