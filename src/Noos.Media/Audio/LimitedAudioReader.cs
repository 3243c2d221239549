using Noos.Core;

namespace Noos.Media.Audio;

/// <summary>Holds a recording to limits, and turns the failures of its decoder into sentences.</summary>
sealed class LimitedAudioReader : AudioReader
{
    readonly AudioReader _inner;
    readonly AudioLimits _limits;
    long _read;

    /// <exception cref="NoosException">The header says what is beyond the limits (Refused).</exception>
    public LimitedAudioReader(AudioReader inner, AudioLimits limits)
    {
        (_inner, _limits) = (inner, limits);
        if (inner.SampleRate < limits.MinSampleRate || inner.SampleRate > limits.MaxSampleRate
            || inner.ChannelCount < 1 || inner.ChannelCount > limits.MaxChannels)
        {
            throw new NoosException(
                ErrorKind.Refused,
                $"The recording says it has {inner.ChannelCount} channels of {inner.SampleRate:N0} samples a second, which is not heard "
                + "here; export it with one channel and 16,000.");
        }

        if (inner.Duration > limits.MaxDuration)
        {
            throw TooLong();
        }
    }

    public override string Format => _inner.Format;

    public override int SampleRate => _inner.SampleRate;

    public override int ChannelCount => _inner.ChannelCount;

    public override TimeSpan? Duration => _inner.Duration;

    public override int Read(Span<float> samples)
    {
        int count;
        try
        {
            count = _inner.Read(samples[..(samples.Length / ChannelCount * ChannelCount)]);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw AudioFile.Damaged(e);
        }

        _read += count / ChannelCount;
        return _read <= _limits.MaxDuration.TotalSeconds * SampleRate ? count : throw TooLong();
    }

    protected override void Dispose(bool disposing) => _inner.Dispose();

    NoosException TooLong() => new(
        ErrorKind.Refused,
        $"The recording is longer than {_limits.MaxDuration.TotalHours:0.#} hours, which is the limit; cut it into parts.");
}
