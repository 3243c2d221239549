using System.Buffers.Binary;

namespace Noos.Media.Encoders;

/// <summary>Bare samples: 16 bits, little-endian.</summary>
public sealed class PcmEncoder : IAudioEncoder
{
    /// <summary>Of OpenAI's format "pcm", in Hz.</summary>
    public const int SampleRate = 24_000;

    public AudioFormat Format => AudioFormat.Pcm;

    public byte[] Encode(ReadOnlySpan<float> samples) => ToBytes(samples);

    public byte[] Finish() => [];

    /// <summary>Rounded to 16 bits; what is no number becomes silence.</summary>
    internal static byte[] ToBytes(ReadOnlySpan<float> samples)
    {
        var bytes = new byte[samples.Length * sizeof(short)];
        for (var i = 0; i < samples.Length; i++)
        {
            var value = float.IsNaN(samples[i]) ? 0 : Math.Clamp(samples[i] * 32768f, short.MinValue, short.MaxValue);
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(i * sizeof(short)), (short)MathF.Round(value));
        }

        return bytes;
    }
}
