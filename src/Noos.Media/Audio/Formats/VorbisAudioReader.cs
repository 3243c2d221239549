using NVorbis;

namespace Noos.Media.Audio.Formats;

/// <summary>Ogg Vorbis, decoded by NVorbis.</summary>
sealed class VorbisAudioReader : AudioReader
{
    readonly VorbisReader _reader;

    public VorbisAudioReader(Stream content)
    {
        _reader = Guard(() => new VorbisReader(content, closeOnDispose: true));
        (SampleRate, ChannelCount) = (_reader.SampleRate, _reader.Channels);
    }

    public override string Format => "Ogg Vorbis";

    public override int SampleRate { get; }

    public override int ChannelCount { get; }

    float[] _buffer = [];

    public override int Read(Span<float> samples)
    {
        if (_buffer.Length < samples.Length)
        {
            _buffer = new float[samples.Length];
        }

        var length = samples.Length;
        var count = Guard(() => _reader.ReadSamples(_buffer, 0, length));
        // A link of a chain may have other channels, which nothing here could tell apart.
        if (_reader.Channels != ChannelCount || _reader.SampleRate != SampleRate)
        {
            throw new InvalidDataException("its parts have different formats");
        }

        _buffer.AsSpan(0, count).CopyTo(samples);
        return count;
    }

    protected override void Dispose(bool disposing) => _reader.Dispose();

    /// <summary>A decoder of others fails in many ways on what is no Vorbis; all mean the same here.</summary>
    static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (OutOfMemoryException or IOException and not EndOfStreamException))
        {
            throw new InvalidDataException("it is no whole Vorbis stream", e);
        }
    }
}
