namespace Noos.Media.Encoders;

/// <summary>
/// Turns samples of one channel into the bytes of a file, as they come: what it has returned can be sent before the rest is there. Not
/// thread-safe.
/// </summary>
public interface IAudioEncoder
{
    AudioFormat Format { get; }

    /// <summary>Bytes that are complete after these samples, possibly none.</summary>
    /// <param name="samples">From -1 to 1; those beyond are clipped.</param>
    byte[] Encode(ReadOnlySpan<float> samples);

    /// <summary>The last bytes. Nothing can be encoded afterwards.</summary>
    byte[] Finish();
}

/// <summary>Makes encoders.</summary>
public static class AudioEncoder
{
    /// <summary>An encoder for samples of one channel.</summary>
    /// <param name="format">What is written.</param>
    /// <param name="sampleRate">Of the samples, in Hz.</param>
    /// <param name="length">How many samples will come, where that is known: a WAV file then says so.</param>
    public static IAudioEncoder Create(AudioFormat format, int sampleRate, long? length = null)
    {
        ArgumentNullException.ThrowIfNull(format);
        return format == AudioFormat.Wav ? new WavEncoder(sampleRate, length)
            : format == AudioFormat.Pcm ? Resampled(sampleRate, PcmEncoder.SampleRate, new PcmEncoder())
            : Mp3Encoder.Rates.Contains(sampleRate) ? new Mp3Encoder(sampleRate)
            : Resampled(sampleRate, 24_000, new Mp3Encoder(24_000));
    }

    static IAudioEncoder Resampled(int from, int to, IAudioEncoder encoder) =>
        from == to ? encoder : new ResamplingEncoder(new StreamResampler(from, to), encoder);

    sealed class ResamplingEncoder(StreamResampler resampler, IAudioEncoder inner) : IAudioEncoder
    {
        public AudioFormat Format => inner.Format;

        public byte[] Encode(ReadOnlySpan<float> samples) => inner.Encode(resampler.Push(samples));

        public byte[] Finish() => [.. inner.Encode(resampler.Flush()), .. inner.Finish()];
    }
}
