namespace Noos.Media.Audio.Formats;

/// <summary>Chooses the decoder of an Ogg file by its first packet.</summary>
static class OggFile
{
    public static AudioReader Open(Stream content)
    {
        var packet = new OggReader(content).ReadPacket() ?? throw new EndOfStreamException("it has no packet");
        content.Position = 0;
        ReadOnlySpan<byte> head = packet.Data;
        return head switch
        {
            _ when head.StartsWith("OpusHead"u8) => new OggOpusAudioReader(content),
            _ when head.StartsWith("\u0001vorbis"u8) => new VorbisAudioReader(content),
            _ => throw new InvalidDataException("its Ogg stream is neither Opus nor Vorbis"),
        };
    }
}
