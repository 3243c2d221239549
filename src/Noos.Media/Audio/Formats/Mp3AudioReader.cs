using NLayer;

namespace Noos.Media.Audio.Formats;

/// <summary>MP3 (MPEG 1 and 2, layers I to III), decoded by NLayer.</summary>
sealed class Mp3AudioReader : AudioReader
{
    readonly MpegFile _file;
    readonly Stream _content;
    float[] _buffer = [];

    public Mp3AudioReader(Stream content)
    {
        _content = content;
        _file = Guard(() => new MpegFile(content));
        (SampleRate, ChannelCount) = Guard(() => (_file.SampleRate, _file.Channels));
    }

    public override string Format => "MP3";

    public override int SampleRate { get; }

    public override int ChannelCount { get; }

    /// <summary>A tag, or a frame: eleven bits of ones, then a version and a layer that exist.</summary>
    public static bool IsMp3(ReadOnlySpan<byte> head) => head.StartsWith("ID3"u8)
        || (head.Length > 3 && head[0] == 0xFF && (head[1] & 0xE0) == 0xE0 && (head[1] & 0x18) != 0x08 && (head[1] & 0x06) != 0
            && (head[2] & 0xF0) != 0xF0 && (head[2] & 0x0C) != 0x0C);

    public override int Read(Span<float> samples)
    {
        if (_buffer.Length < samples.Length)
        {
            _buffer = new float[samples.Length];
        }

        var length = samples.Length;
        var count = Guard(() => _file.ReadSamples(_buffer, 0, length));
        count -= count % ChannelCount;
        _buffer.AsSpan(0, count).CopyTo(samples);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        _content.Dispose();
    }

    /// <summary>A decoder of others fails in many ways on what is no MP3; all mean the same here.</summary>
    static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (OutOfMemoryException or IOException and not EndOfStreamException))
        {
            throw new InvalidDataException("it is no whole MP3", e);
        }
    }
}
