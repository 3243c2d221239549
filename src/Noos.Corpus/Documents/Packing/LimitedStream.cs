using Noos.Core;

namespace Noos.Corpus.Documents.Packing;

/// <summary>Gives at most so many bytes of a stream; what has more is refused. Owns the stream.</summary>
/// <param name="inner">What is read.</param>
/// <param name="maxLength">Bytes.</param>
/// <param name="refuse">The refusal.</param>
sealed class LimitedStream(Stream inner, long maxLength, Func<NoosException> refuse) : Stream
{
    long _read;
    long _token;

    /// <summary>Bytes of XML without a '&lt;': a longer run is a value that would be one string in memory.</summary>
    public int MaxToken { get; init; } = int.MaxValue;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        _read += count;
        if (_read > maxLength)
        {
            throw refuse();
        }

        if (MaxToken < int.MaxValue)
        {
            var last = buffer[..count].LastIndexOf((byte)'<');
            _token = last < 0 ? _token + count : count - last;
            if (_token > MaxToken)
            {
                throw refuse();
            }
        }

        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
