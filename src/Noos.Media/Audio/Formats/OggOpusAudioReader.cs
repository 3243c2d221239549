namespace Noos.Media.Audio.Formats;

/// <summary>Ogg Opus (RFC 7845).</summary>
sealed class OggOpusAudioReader : AudioReader
{
    readonly Stream _content;
    readonly OggReader _reader;
    readonly OpusPackets _packets;
    readonly int _preSkip;
    readonly DecodedSamples _pending = new();
    long _given;

    public OggOpusAudioReader(Stream content)
    {
        _content = content;
        _reader = new OggReader(content);
        var head = OpusHead.Parse((_reader.ReadPacket() ?? throw new EndOfStreamException("it has no header")).Data);
        (ChannelCount, _preSkip) = (head.ChannelCount, head.PreSkip);
        _packets = new OpusPackets(head);
        // The second packet has title and artist.
        _ = _reader.ReadPacket();
    }

    public override string Format => "Ogg Opus";

    public override int SampleRate => OpusPackets.SampleRate;

    public override int ChannelCount { get; }

    public override int Read(Span<float> samples)
    {
        while (_pending.IsEmpty)
        {
            if (_reader.ReadPacket() is not { } packet)
            {
                return 0;
            }

            var decoded = _packets.Decode(packet.Data);
            if (packet is { IsLast: true, Granule: >= 0 })
            {
                // The last packet may be longer than what is left of the recording.
                var left = Math.Max(0, packet.Granule - _preSkip - _given) * ChannelCount;
                decoded = decoded[..(int)Math.Min(decoded.Length, left)];
            }

            _given += decoded.Length / ChannelCount;
            _pending.Put(decoded);
        }

        return _pending.Take(samples);
    }

    protected override void Dispose(bool disposing)
    {
        _packets.Dispose();
        _content.Dispose();
    }
}
