using System.Buffers.Binary;

namespace Noos.Media.Audio.Formats;

/// <summary>
/// WAV (RIFF, RF64 and BW64): PCM of 8 to 32 bits, floats of 32 and 64, A-law and mu-law (ITU-T G.711). A length that was never written,
/// as in recordings that were streamed, means the rest of the file.
/// </summary>
sealed class WavAudioReader : AudioReader
{
    const int Pcm = 1;
    const int Float = 3;
    const int ALaw = 6;
    const int MuLaw = 7;
    const int Extensible = 0xFFFE;
    const int MinFormatLength = 16;
    const int MaxFormatLength = 1 << 10;

    readonly Stream _content;
    readonly Encoding _encoding;
    readonly int _sampleBytes;
    readonly byte[] _buffer = new byte[1 << 15];
    long _left;

    public WavAudioReader(Stream content)
    {
        _content = content;
        (_encoding, _sampleBytes, SampleRate, ChannelCount, _left) = ReadHeader(content);
        // A frame is read as a whole; more than fits are no recording.
        if (_sampleBytes * (long)ChannelCount > _buffer.Length)
        {
            throw new InvalidDataException("it says it has an impossible number of channels");
        }

        _left = Math.Min(_left, content.Length - content.Position);
        _left -= _left % (_sampleBytes * ChannelCount);
    }

    enum Encoding
    {
        UInt8,
        Int16,
        Int24,
        Int32,
        Float32,
        Float64,
        ALaw,
        MuLaw,
    }

    public override string Format => "WAV";

    public override int SampleRate { get; }

    public override int ChannelCount { get; }

    public override TimeSpan? Duration => SampleRate <= 0 || ChannelCount <= 0
        ? null
        : TimeSpan.FromSeconds((double)(_content.Length - _content.Position) / _sampleBytes / ChannelCount / SampleRate);

    public static bool IsWav(ReadOnlySpan<byte> head) => head.Length >= 12 && head[8..].StartsWith("WAVE"u8)
        && (head.StartsWith("RIFF"u8) || head.StartsWith("RF64"u8) || head.StartsWith("BW64"u8));

    public override int Read(Span<float> samples)
    {
        var frame = _sampleBytes * ChannelCount;
        var wanted = Math.Min(Math.Min(samples.Length * (long)_sampleBytes, _buffer.Length), _left);
        wanted -= wanted % frame;
        var bytes = _content.ReadAtLeast(_buffer.AsSpan(0, (int)wanted), (int)wanted, throwOnEndOfStream: false);
        bytes -= bytes % frame;
        _left = bytes == wanted ? _left - bytes : 0;
        var count = bytes / _sampleBytes;
        for (var i = 0; i < count; i++)
        {
            samples[i] = Decode(_buffer.AsSpan(i * _sampleBytes, _sampleBytes));
        }

        return count;
    }

    protected override void Dispose(bool disposing) => _content.Dispose();

    float Decode(ReadOnlySpan<byte> bytes) => _encoding switch
    {
        Encoding.UInt8 => (bytes[0] - 128) / 128f,
        Encoding.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes) / 32768f,
        Encoding.Int24 => ((bytes[0] << 8) | (bytes[1] << 16) | (bytes[2] << 24)) / 2147483648f,
        Encoding.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes) / 2147483648f,
        Encoding.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        Encoding.Float64 => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        Encoding.ALaw => DecodeALaw(bytes[0]) / 32768f,
        _ => DecodeMuLaw(bytes[0]) / 32768f,
    };

    /// <summary>13 bits, every second bit inverted.</summary>
    static int DecodeALaw(byte code)
    {
        code ^= 0x55;
        var exponent = (code >> 4) & 7;
        var value = ((code & 0x0F) << 4) + 8;
        value = exponent == 0 ? value : (value + 0x100) << (exponent - 1);
        return (code & 0x80) != 0 ? value : -value;
    }

    /// <summary>14 bits, all inverted, with a bias of 33.</summary>
    static int DecodeMuLaw(byte code)
    {
        code = (byte)~code;
        var value = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
        return (code & 0x80) != 0 ? -value : value;
    }

    static (Encoding Encoding, int SampleBytes, int SampleRate, int Channels, long Length) ReadHeader(Stream content)
    {
        // RIFF and WAVE first, then heads of chunks; sizes of 64 bits are the longest.
        Span<byte> head = stackalloc byte[24];
        content.ReadExactly(head[..12]);
        var (format, longLength) = (default((Encoding, int, int, int)?), 0L);
        while (true)
        {
            content.ReadExactly(head[..8]);
            var length = (long)BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
            var name = head[..4];
            if (name.SequenceEqual("data"u8))
            {
                var (encoding, bytes, rate, channels) = format ?? throw new InvalidDataException("its format is missing");
                // 0 and the largest number were written before anybody knew, or the length stands in the chunk ds64.
                length = length is not (0 or uint.MaxValue) ? length : longLength > 0 ? longLength : long.MaxValue;
                return (encoding, bytes, rate, channels, length);
            }

            var start = content.Position;
            if (name.SequenceEqual("fmt "u8))
            {
                format = ReadFormat(content, length);
            }
            else if (name.SequenceEqual("ds64"u8) && length >= 24)
            {
                content.ReadExactly(head);
                longLength = Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian(head[8..]));
            }

            // Chunks begin at even places.
            var next = start + length + (length & 1);
            content.Position = next <= content.Length ? next : throw new EndOfStreamException("it ends in its header");
        }
    }

    static (Encoding Encoding, int SampleBytes, int SampleRate, int Channels) ReadFormat(Stream content, long length)
    {
        if (length is < MinFormatLength or > MaxFormatLength)
        {
            throw new InvalidDataException("its format is none");
        }

        Span<byte> format = stackalloc byte[(int)length];
        content.ReadExactly(format);
        int tag = BinaryPrimitives.ReadUInt16LittleEndian(format);
        var channels = BinaryPrimitives.ReadUInt16LittleEndian(format[2..]);
        var rate = BinaryPrimitives.ReadInt32LittleEndian(format[4..]);
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(format[14..]);
        if (tag == Extensible && length >= 26)
        {
            // The first two bytes of the sub-format are the tag.
            tag = BinaryPrimitives.ReadUInt16LittleEndian(format[24..]);
        }

        Encoding? encoding = (tag, bits) switch
        {
            (Pcm, 8) => Encoding.UInt8,
            (Pcm, 16) => Encoding.Int16,
            (Pcm, 24) => Encoding.Int24,
            (Pcm, 32) => Encoding.Int32,
            (Float, 32) => Encoding.Float32,
            (Float, 64) => Encoding.Float64,
            (ALaw, 8) => Encoding.ALaw,
            (MuLaw, 8) => Encoding.MuLaw,
            _ => null,
        };
        return encoding is { } known && channels > 0 && rate > 0
            ? (known, bits / 8, rate, channels)
            : throw new InvalidDataException($"its samples are stored in a way ({tag}, {bits} bits) that is not read");
    }
}
