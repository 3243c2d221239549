using System.Buffers.Binary;
using Concentus;
using Concentus.Enums;

namespace Noos.Media.Tests.Audio;

/// <summary>Small recordings in every format: a tone of 440 Hz in each channel, made here or by the usual programs.</summary>
static class SampleSounds
{
    public const double Frequency = 440;

    /// <summary>Samples of a tone, the same in all channels.</summary>
    public static float[] Tone(int rate, double seconds, int channels = 1, double amplitude = 0.5)
    {
        var samples = new float[(int)(rate * seconds) * channels];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = (float)(amplitude * Math.Sin(2 * Math.PI * Frequency * (i / channels) / rate));
        }

        return samples;
    }

    /// <summary>A file of the samples folder.</summary>
    public static byte[] Resource(string name)
    {
        using var stream = typeof(SampleSounds).Assembly.GetManifestResourceStream(name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>A WAV file.</summary>
    /// <param name="tag">1 PCM, 3 floats, 6 A-law, 7 mu-law.</param>
    /// <param name="bits">Of a sample.</param>
    /// <param name="data">The samples as they are stored.</param>
    /// <param name="length">What the header says; the length of the data unless given.</param>
    public static byte[] Wav(int tag, int bits, int rate, int channels, byte[] data, uint? length = null)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("RIFF"u8);
        writer.Write(length ?? (uint)(36 + data.Length));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)tag);
        writer.Write((short)channels);
        writer.Write(rate);
        writer.Write(rate * channels * bits / 8);
        writer.Write((short)(channels * bits / 8));
        writer.Write((short)bits);
        // A chunk of odd length that nobody knows.
        writer.Write("LIST"u8);
        writer.Write(3);
        writer.Write((byte[])[1, 2, 3, 0]);
        writer.Write("data"u8);
        writer.Write(length ?? (uint)data.Length);
        writer.Write(data);
        return file.ToArray();
    }

    /// <summary>16 bits, as most recordings are.</summary>
    public static byte[] Wav(float[] samples, int rate, int channels = 1)
    {
        var data = new byte[samples.Length * 2];
        for (var i = 0; i < samples.Length; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(data.AsSpan(2 * i), (short)Math.Round(samples[i] * 32767));
        }

        return Wav(1, 16, rate, channels, data);
    }

    /// <summary>Packets of Opus at 48 kHz, 20 ms each.</summary>
    public static List<byte[]> OpusPackets(float[] samples, int channels)
    {
        OpusCodecFactory.AttemptToUseNativeLibrary = false;
        using var encoder = OpusCodecFactory.CreateEncoder(48_000, channels, OpusApplication.OPUS_APPLICATION_AUDIO);
        var packets = new List<byte[]>();
        var buffer = new byte[4000];
        for (var first = 0; first + (960 * channels) <= samples.Length; first += 960 * channels)
        {
            var length = encoder.Encode(samples.AsSpan(first, 960 * channels), 960, buffer, buffer.Length);
            packets.Add(buffer[..length]);
        }

        return packets;
    }

    /// <summary>The header of an Opus stream.</summary>
    public static byte[] OpusHead(int channels, int preSkip = 312)
    {
        byte[] head = [.. "OpusHead"u8, 1, (byte)channels, 0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(10), (ushort)preSkip);
        return head;
    }

    /// <summary>An Ogg file with a packet a page.</summary>
    /// <param name="packets">After the two of the header.</param>
    /// <param name="lastGranule">Where the recording ends, in samples at 48 kHz.</param>
    public static byte[] OggOpus(IReadOnlyList<byte[]> packets, int channels, long lastGranule)
    {
        using var file = new MemoryStream();
        var sequence = 0;
        WritePage(OpusHead(channels), 0, 2);
        WritePage([.. "OpusTags"u8, 0, 0, 0, 0, 0, 0, 0, 0], 0, 0);
        for (var i = 0; i < packets.Count; i++)
        {
            var isLast = i == packets.Count - 1;
            WritePage(packets[i], isLast ? lastGranule : (i + 1) * 960L, (byte)(isLast ? 4 : 0));
        }

        return file.ToArray();

        void WritePage(byte[] packet, long granule, byte flags)
        {
            var segments = (packet.Length / 255) + 1;
            var page = new byte[27 + segments + packet.Length];
            "OggS"u8.CopyTo(page);
            page[5] = flags;
            BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(6), granule);
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(14), 7);
            BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(18), sequence++);
            page[26] = (byte)segments;
            page.AsSpan(27, segments - 1).Fill(255);
            page[26 + segments] = (byte)(packet.Length % 255);
            packet.CopyTo(page, 27 + segments);
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(22), Checksum(page));
            file.Write(page);
        }
    }

    /// <summary>A WebM file as browsers record it: segment and cluster of unknown size.</summary>
    public static byte[] Webm(IReadOnlyList<byte[]> packets, int channels, bool hasUnknownSizes = true)
    {
        byte[] track = [.. Element([0xD7], [1]), .. Element([0x83], [2]), .. Element([0x86], "A_OPUS"u8.ToArray()),
            .. Element([0x63, 0xA2], OpusHead(channels))];
        var blocks = new List<byte>();
        blocks.AddRange(Element([0xE7], [0]));
        for (var i = 0; i < packets.Count; i++)
        {
            byte[] block = [0x81, (byte)(i * 20 >> 8), (byte)(i * 20), 0x80, .. packets[i]];
            blocks.AddRange(i % 5 == 4 ? Element([0xA0], Element([0xA1], block)) : Element([0xA3], block));
        }

        byte[] info = Element([0x15, 0x49, 0xA9, 0x66], Element([0x2A, 0xD7, 0xB1], [0x0F, 0x42, 0x40]));
        byte[] tracks = Element([0x16, 0x54, 0xAE, 0x6B], Element([0xAE], track));
        byte[] cluster = hasUnknownSizes
            ? [0x1F, 0x43, 0xB6, 0x75, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, .. blocks]
            : Element([0x1F, 0x43, 0xB6, 0x75], [.. blocks]);
        byte[] segment = [.. info, .. tracks, .. cluster];
        byte[] header = Element([0x1A, 0x45, 0xDF, 0xA3], Element([0x42, 0x82], "webm"u8.ToArray()));
        return hasUnknownSizes
            ? [.. header, 0x18, 0x53, 0x80, 0x67, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, .. segment]
            : [.. header, .. Element([0x18, 0x53, 0x80, 0x67], segment)];
    }

    static byte[] Element(byte[] name, byte[] body)
    {
        // Lengths of four bytes, for all sizes.
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, body.Length | 0x1000_0000);
        return [.. name, .. length, .. body];
    }

    static uint Checksum(byte[] page)
    {
        var checksum = 0u;
        foreach (var value in page)
        {
            checksum ^= (uint)value << 24;
            for (var bit = 0; bit < 8; bit++)
            {
                checksum = (checksum << 1) ^ ((checksum & 0x8000_0000) != 0 ? 0x04C1_1DB7u : 0);
            }
        }

        return checksum;
    }
}
