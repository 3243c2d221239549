using System.Globalization;

namespace Noos.Core.Network;

/// <summary>The content of a response up to a number of bytes, until a deadline: then reading fails.</summary>
static class LimitedContent
{
    /// <param name="content">Read as it comes, unpacked.</param>
    /// <param name="maxBytes">Longest content.</param>
    /// <param name="address">For messages.</param>
    /// <param name="deadline">Owned from now on.</param>
    /// <param name="stop">Cancelled with the deadline and with the caller; owned from now on.</param>
    /// <param name="cancellationToken">Of the request.</param>
    public static async Task<HttpContent> CreateAsync(
        HttpContent content, long maxBytes, Uri address, CancellationTokenSource deadline, CancellationTokenSource stop,
        CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > maxBytes)
        {
            throw TooLong(address, maxBytes);
        }

        var stream = await content.ReadAsStreamAsync(cancellationToken);
        var limited = new StreamContent(new LimitedStream(stream, maxBytes, address, deadline, stop));
        foreach (var (name, values) in content.Headers)
        {
            limited.Headers.TryAddWithoutValidation(name, values);
        }

        return limited;
    }

    public static NoosException Late(Uri address, TimeSpan limit, Exception inner) => new(ErrorKind.Unavailable, string.Create(
        CultureInfo.InvariantCulture, $"{address.Host} took longer than {limit.TotalSeconds:0.###} seconds; try another address."), inner);

    static NoosException TooLong(Uri address, long maxBytes) => new(ErrorKind.Refused, string.Create(
        CultureInfo.InvariantCulture, $"What {address.Host} sends is longer than {maxBytes:N0} bytes; open another address."));

    sealed class LimitedStream(
        Stream inner, long maxBytes, Uri address, CancellationTokenSource deadline, CancellationTokenSource stop) : Stream
    {
        long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count).GetAwaiter().GetResult();

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, cancellationToken);
            try
            {
                var count = await inner.ReadAsync(buffer, either.Token);
                _read += count;
                return _read > maxBytes ? throw TooLong(address, maxBytes) : count;
            }
            catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new NoosException(
                    ErrorKind.Unavailable, $"{address.Host} sends its content too slowly; open another address.", e);
            }
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
                stop.Dispose();
                deadline.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
