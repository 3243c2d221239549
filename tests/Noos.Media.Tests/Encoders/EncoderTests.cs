using System.Buffers.Binary;
using NLayer;
using Noos.Core;
using Noos.Media.Encoders;

namespace Noos.Media.Tests.Encoders;

/// <summary>What is written is what other programs read.</summary>
public sealed class EncoderTests
{
    [Theory]
    [InlineData(16_000, 440)]
    [InlineData(22_050, 1000)]
    [InlineData(22_050, 5000)]
    [InlineData(24_000, 3000)]
    public void Mp3_is_heard_by_an_independent_decoder_as_it_was(int rate, int frequency)
    {
        var samples = Tone(rate, frequency, rate);
        var encoder = AudioEncoder.Create(AudioFormat.Mp3, rate);
        using var file = new MemoryStream([.. encoder.Encode(samples), .. encoder.Finish()]);

        using var decoder = new MpegFile(file);
        var heard = new float[2 * rate];
        var count = decoder.ReadSamples(heard, 0, heard.Length);

        Assert.Equal((rate, 1), (decoder.SampleRate, decoder.Channels));
        Assert.InRange(count, rate, rate + (4 * 1152));
        Assert.InRange(SignalToNoise(samples, heard.AsSpan(0, count)), 25, 200);
    }

    [Fact]
    public void Mp3_of_noise_and_silence_and_what_is_no_number_has_the_promised_rate()
    {
        var random = new Random(5);
        float[] samples =
        [
            .. Enumerable.Range(0, 22_050).Select(_ => (float)((random.NextDouble() * 2) - 1)), .. new float[11_025],
            .. Enumerable.Repeat(5f, 1000), .. Enumerable.Repeat(float.NaN, 10),
        ];
        var encoder = AudioEncoder.Create(AudioFormat.Mp3, 22_050);

        // In pieces, as they come.
        var bytes = samples.Chunk(777).SelectMany(chunk => encoder.Encode(chunk)).Concat(encoder.Finish()).ToArray();

        Assert.InRange(bytes.Length * 8.0 / (samples.Length / 22_050.0), 90_000, 115_000);
        using var file = new MemoryStream(bytes);
        using var decoder = new MpegFile(file);
        Assert.True(decoder.ReadSamples(new float[samples.Length], 0, samples.Length) > samples.Length / 2);
    }

    [Fact]
    public void Wav_says_what_it_holds()
    {
        var encoder = AudioEncoder.Create(AudioFormat.Wav, 22_050, 3);
        byte[] bytes = [.. encoder.Encode([0, 0.5f]), .. encoder.Encode([-1]), .. encoder.Finish()];

        Assert.Equal(44 + 6, bytes.Length);
        Assert.Equal((22_050, 6), (Number(24), Number(40)));
        Assert.Equal([0, 16384, short.MinValue], [Sample(0), Sample(1), Sample(2)]);

        int Number(int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));

        int Sample(int at) => BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(44 + (2 * at)));
    }

    [Theory]
    [InlineData(22_050, 24_000)]
    [InlineData(16_000, 24_000)]
    [InlineData(48_000, 16_000)]
    public void Resampled_tone_is_the_same_tone(int from, int to)
    {
        var resampler = new StreamResampler(from, to);
        float[] made = [.. Tone(from, 1000, from).Chunk(1000).SelectMany(chunk => resampler.Push(chunk)), .. resampler.Flush()];

        Assert.Equal(to, made.Length);

        // Away from the borders, where silence meets the tone.
        var expected = Tone(to, 1000, to);
        Assert.All(Enumerable.Range(200, to - 400), i => Assert.Equal(expected[i], made[i], 0.005));
    }

    [Fact]
    public void Pcm_comes_at_24_kilohertz()
    {
        var encoder = AudioEncoder.Create(AudioFormat.Pcm, 22_050);

        Assert.Equal(2 * 24_000, encoder.Encode(new float[22_050]).Length + encoder.Finish().Length);
    }

    [Theory]
    [InlineData("opus")]
    [InlineData("flac")]
    [InlineData("aac")]
    [InlineData("midi")]
    public void Format_that_is_not_there_is_refused_with_those_that_are(string name) =>
        Assert.Contains("mp3, wav or pcm", Assert.Throws<NoosException>(() => AudioFormat.Parse(name)).Message, StringComparison.Ordinal);

    static float[] Tone(int rate, double frequency, int count) =>
        [.. Enumerable.Range(0, count).Select(i => 0.5f * (float)Math.Sin(2 * Math.PI * frequency * i / rate))];

    /// <summary>In decibels, at the delay at which both agree best.</summary>
    static double SignalToNoise(float[] samples, ReadOnlySpan<float> heard)
    {
        var best = double.NegativeInfinity;
        const int Start = 4000, Length = 8000;
        for (var delay = 0; delay < 2400; delay++)
        {
            double signal = 0, noise = 0;
            for (var i = Start; i < Start + Length; i++)
            {
                signal += samples[i] * samples[i];
                noise += Math.Pow(samples[i] - heard[i + delay], 2);
            }

            best = Math.Max(best, 10 * Math.Log10(signal / Math.Max(noise, 1e-12)));
        }

        return best;
    }
}
