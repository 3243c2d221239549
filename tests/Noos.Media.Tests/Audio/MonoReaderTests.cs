using Noos.Media.Audio;

namespace Noos.Media.Tests.Audio;

/// <summary>Any rate and any number of channels become one channel at the rate that is asked for, as if it had been recorded so.</summary>
public sealed class MonoAudioReaderTests
{
    [Theory]
    [InlineData(8000)]
    [InlineData(11_025)]
    [InlineData(16_000)]
    [InlineData(22_050)]
    [InlineData(44_100)]
    [InlineData(48_000)]
    [InlineData(96_000)]
    public void Tone_is_the_same_at_another_rate(int rate)
    {
        var samples = Resample(SampleSounds.Wav(SampleSounds.Tone(rate, 1, channels: 2), rate, channels: 2));
        var expected = SampleSounds.Tone(16_000, 1);

        Assert.InRange(samples.Length, expected.Length - 1, expected.Length + 1);
        // The ends are in the filter's reach.
        for (var i = 400; i < expected.Length - 400; i++)
        {
            Assert.Equal(expected[i], samples[i], 0.002);
        }
    }

    [Fact]
    public void What_is_too_high_for_the_new_rate_is_gone()
    {
        var high = new float[48_000];
        for (var i = 0; i < high.Length; i++)
        {
            high[i] = (float)(0.5 * Math.Sin(2 * Math.PI * 11_000 * i / 48_000));
        }

        var samples = Resample(SampleSounds.Wav(high, 48_000));

        Assert.True(Level(samples.AsSpan(500..^500)) < 0.0005, $"{Level(samples.AsSpan(500..^500))}");
    }

    [Fact]
    public void Opposite_channels_cancel_out()
    {
        var tone = SampleSounds.Tone(16_000, 0.2, channels: 2);
        for (var i = 1; i < tone.Length; i += 2)
        {
            tone[i] = -tone[i];
        }

        Assert.All(Resample(SampleSounds.Wav(tone, 16_000, channels: 2)), sample => Assert.Equal(0, sample, 0.0001));
    }

    [Fact]
    public void Recording_without_samples_has_none() => Assert.Empty(Resample(SampleSounds.Wav([], 44_100)));

    internal static float[] Resample(byte[] file)
    {
        using var mono = new MonoReader(AudioFile.Open(new MemoryStream(file)), 16_000);
        var samples = new List<float>();
        var block = new float[777];
        for (var read = mono.Read(block); read > 0; read = mono.Read(block))
        {
            samples.AddRange(block.AsSpan(0, read));
        }

        return [.. samples];
    }

    static double Level(ReadOnlySpan<float> samples)
    {
        var sum = 0d;
        foreach (var sample in samples)
        {
            sum += sample * sample;
        }

        return Math.Sqrt(sum / samples.Length);
    }
}
