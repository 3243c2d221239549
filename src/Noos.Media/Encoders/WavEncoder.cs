using System.Buffers.Binary;

namespace Noos.Media.Encoders;

/// <summary>
/// A WAV file: RIFF, one channel, 16-bit samples. Where the length is not known in advance the header says the most that it can, which
/// players of streams take for "to the end".
/// </summary>
/// <param name="sampleRate">In Hz.</param>
/// <param name="length">Samples that will come; null where that is not known.</param>
public sealed class WavEncoder(int sampleRate, long? length = null) : IAudioEncoder
{
    const int HeaderLength = 44;
    bool _hasHeader;

    public AudioFormat Format => AudioFormat.Wav;

    public byte[] Encode(ReadOnlySpan<float> samples)
    {
        var bytes = PcmEncoder.ToBytes(samples);
        if (_hasHeader)
        {
            return bytes;
        }

        _hasHeader = true;
        return [.. Header(), .. bytes];
    }

    public byte[] Finish() => Encode([]);

    byte[] Header()
    {
        var data = length is { } known && known * sizeof(short) <= uint.MaxValue - HeaderLength
            ? (uint)(known * sizeof(short))
            : uint.MaxValue - HeaderLength;
        var header = new byte[HeaderLength];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), data + HeaderLength - 8);
        "WAVEfmt "u8.CopyTo(header.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(24), sampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(28), sampleRate * sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(32), sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(34), 16);
        "data"u8.CopyTo(header.AsSpan(36));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), data);
        return header;
    }
}
