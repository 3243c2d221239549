using System.IO.Hashing;

namespace Noos.Training.Checkpoints;

/// <summary>Passes writes on and takes their checksum, so that a checkpoint need not be read again.</summary>
sealed class SealingStream(Stream inner) : Stream
{
    readonly XxHash3 _hash = new();
    long _length;

    public FileSeal Seal => new(_length, CompletionMarker.Format(_hash));

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        _hash.Append(buffer);
        _length += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
