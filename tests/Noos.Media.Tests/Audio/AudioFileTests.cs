using System.Buffers.Binary;
using Noos.Core;
using Noos.Media.Audio;

namespace Noos.Media.Tests.Audio;

/// <summary>Recordings of every format are decoded, whatever they are called; everything else is refused in a sentence.</summary>
public sealed class AudioFileTests
{
    [Theory]
    [InlineData(1, 8, 0.01)]
    [InlineData(1, 16, 0.0001)]
    [InlineData(1, 24, 0.0001)]
    [InlineData(1, 32, 0.0001)]
    [InlineData(3, 32, 0.0001)]
    [InlineData(3, 64, 0.0001)]
    [InlineData(6, 8, 0.02)]
    [InlineData(7, 8, 0.02)]
    public void Wav_of_every_encoding_is_decoded(int tag, int bits, double tolerance)
    {
        var tone = SampleSounds.Tone(8000, 0.25, channels: 2);
        var file = SampleSounds.Wav(tag, bits, 8000, 2, [.. tone.SelectMany(sample => Encode(sample, tag, bits))]);

        var (samples, rate, channels) = Decode(file);

        Assert.Equal((8000, 2, tone.Length), (rate, channels, samples.Length));
        Assert.All(tone.Zip(samples), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue)]
    [InlineData(1_000_000u)]
    public void Wav_whose_length_was_never_written_is_read_to_its_end(uint length)
    {
        var data = new byte[3200];
        data.AsSpan().Fill(0x20);

        Assert.Equal(1600, Decode(SampleSounds.Wav(1, 16, 16_000, 1, data, length)).Samples.Length);
    }

    [Theory]
    [InlineData("tone.flac", "FLAC", 44_100, 2, 0.001)]
    [InlineData("noise.flac", "FLAC", 16_000, 1, double.NaN)]
    [InlineData("tone.mp3", "MP3", 16_000, 1, 0.1)]
    [InlineData("tone.ogg", "Ogg Vorbis", 16_000, 1, 0.1)]
    public void Files_of_the_usual_programs_are_decoded(string name, string format, int rate, int channels, double tolerance)
    {
        using var audio = AudioFile.Open(new MemoryStream(SampleSounds.Resource(name)));
        Assert.Equal((format, rate, channels), (audio.Format, audio.SampleRate, audio.ChannelCount));
        var samples = ReadAll(audio);

        Assert.InRange(samples.Length / (double)channels / rate, 0.45, 0.65);
        if (!double.IsNaN(tolerance))
        {
            Assert.Equal(0.5 / Math.Sqrt(2), Level(samples), tolerance);
            Assert.Equal(SampleSounds.Frequency, Pitch(samples, channels, rate), 5d);
        }
    }

    /// <summary>Noise has large corrections and the widest codes: against the samples that the encoder was given.</summary>
    [Fact]
    public void Flac_is_lossless()
    {
        var expected = Decode(SampleSounds.Resource("noise.wav")).Samples;

        Assert.Equal(expected, Decode(SampleSounds.Resource("noise.flac")).Samples);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Ogg_Opus_begins_and_ends_where_its_header_says(int channels)
    {
        var tone = SampleSounds.Tone(48_000, 0.5, channels);
        var packets = SampleSounds.OpusPackets(tone, channels);

        var (samples, rate, count) = Decode(SampleSounds.OggOpus(packets, channels, lastGranule: 312 + 23_000));

        Assert.Equal((48_000, channels, 23_000), (rate, count, samples.Length / channels));
        Assert.Equal(0.5 / Math.Sqrt(2), Level(samples), 0.02);
        Assert.Equal(SampleSounds.Frequency, Pitch(samples, channels, rate), 5d);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public void WebM_as_browsers_record_it_is_decoded(int channels, bool hasUnknownSizes)
    {
        var packets = SampleSounds.OpusPackets(SampleSounds.Tone(48_000, 0.5, channels), channels);

        using var audio = AudioFile.Open(new MemoryStream(SampleSounds.Webm(packets, channels, hasUnknownSizes)));
        var samples = ReadAll(audio);

        Assert.Equal("WebM Opus", audio.Format);
        Assert.Equal((packets.Count * 960) - 312, samples.Length / channels);
        Assert.Equal(SampleSounds.Frequency, Pitch(samples, channels, 48_000), 5d);
    }

    [Fact]
    public void Page_that_is_damaged_costs_its_packet_only()
    {
        var packets = SampleSounds.OpusPackets(SampleSounds.Tone(48_000, 0.5), 1);
        var file = SampleSounds.OggOpus(packets, 1, lastGranule: 312 + 24_000);
        file[file.Length / 2] ^= 0x40;

        Assert.InRange(Decode(file).Samples.Length, 24_000 - 312 - (2 * 960), 24_000);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello, this is a text and no recording at all")]
    [InlineData("\0\0\0\u0018ftypM4A \0\0\0\0M4A mp42isom")]
    [InlineData("FORM\0\0\0\u0010AIFFCOMM")]
    public void What_cannot_be_heard_is_refused_in_a_sentence(string content)
    {
        var refusal = Assert.Throws<NoosException>(() => AudioFile.Open(new MemoryStream([.. content.Select(c => (byte)c)])));

        Assert.Equal(ErrorKind.Invalid, refusal.Kind);
        Assert.EndsWith(".", refusal.Message);
    }

    [Fact]
    public void Limits_hold_before_anything_is_decoded_and_while_it_is()
    {
        var minute = SampleSounds.Wav(new float[60 * 8000], 8000);
        var limits = new AudioLimits { MaxDuration = TimeSpan.FromSeconds(30) };
        Assert.Equal(ErrorKind.Refused, Assert.Throws<NoosException>(() => AudioFile.Open(new MemoryStream(minute), limits)).Kind);

        var packets = SampleSounds.OpusPackets(new float[48_000 * 2], 1);
        using var audio = AudioFile.Open(
            new MemoryStream(SampleSounds.Webm(packets, 1)), new AudioLimits { MaxDuration = TimeSpan.FromSeconds(1) });
        Assert.Contains("longer than", Assert.Throws<NoosException>(() => ReadAll(audio)).Message);

        var channels = SampleSounds.Wav(1, 16, 8000, 200, new byte[4000]);
        Assert.Equal(ErrorKind.Refused, Assert.Throws<NoosException>(() => AudioFile.Open(new MemoryStream(channels))).Kind);
    }

    internal static (float[] Samples, int Rate, int Channels) Decode(byte[] file)
    {
        using var audio = AudioFile.Open(new MemoryStream(file));
        return (ReadAll(audio), audio.SampleRate, audio.ChannelCount);
    }

    internal static float[] ReadAll(AudioReader audio)
    {
        var samples = new List<float>();
        var block = new float[1000 * audio.ChannelCount];
        for (var read = audio.Read(block); read > 0; read = audio.Read(block))
        {
            samples.AddRange(block.AsSpan(0, read));
        }

        return [.. samples];
    }

    static double Level(float[] samples) => Math.Sqrt(samples.Average(sample => (double)sample * sample));

    /// <summary>Cycles per second, by the crossings of zero in the middle.</summary>
    static double Pitch(float[] samples, int channels, int rate)
    {
        var one = samples.Where((_, index) => index % channels == 0).ToArray();
        var middle = one.AsSpan((one.Length / 4)..(one.Length * 3 / 4));
        var crossings = new List<int>();
        for (var i = 1; i < middle.Length; i++)
        {
            if (middle[i - 1] < 0 && middle[i] >= 0)
            {
                crossings.Add(i);
            }
        }

        return (crossings.Count - 1) * (double)rate / (crossings[^1] - crossings[0]);
    }

    static byte[] Encode(float sample, int tag, int bits)
    {
        var bytes = new byte[bits / 8];
        switch (tag, bits)
        {
            case (1, 8):
                bytes[0] = (byte)Math.Round(128 + (sample * 127));
                break;
            case (1, 16):
                BinaryPrimitives.WriteInt16LittleEndian(bytes, (short)Math.Round(sample * 32767));
                break;
            case (1, 24):
                var number = (int)Math.Round(sample * 8388607);
                bytes = [(byte)number, (byte)(number >> 8), (byte)(number >> 16)];
                break;
            case (1, 32):
                BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)Math.Round(sample * 2147483000.0));
                break;
            case (3, 32):
                BinaryPrimitives.WriteSingleLittleEndian(bytes, sample);
                break;
            case (3, 64):
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, sample);
                break;
            default:
                bytes[0] = tag == 6 ? EncodeALaw(sample) : EncodeMuLaw(sample);
                break;
        }

        return bytes;
    }

    /// <summary>By the formulas of G.711's segments, the other way round than the decoder.</summary>
    static byte EncodeALaw(float sample)
    {
        var magnitude = (int)Math.Min(4095, Math.Abs(sample) * 4096);
        var segment = magnitude < 32 ? 0 : Math.Min(7, (int)Math.Log2(magnitude) - 4);
        var code = segment == 0 ? magnitude >> 1 : (segment << 4) | ((magnitude >> segment) & 15);
        return (byte)((code | (sample >= 0 ? 0x80 : 0)) ^ 0x55);
    }

    static byte EncodeMuLaw(float sample)
    {
        var magnitude = (int)Math.Min(8158, Math.Abs(sample) * 8192) + 33;
        var segment = Math.Min(7, (int)Math.Log2(magnitude) - 5);
        var code = (segment << 4) | ((magnitude >> (segment + 1)) & 15);
        return (byte)~(code | (sample < 0 ? 0x80 : 0));
    }
}
