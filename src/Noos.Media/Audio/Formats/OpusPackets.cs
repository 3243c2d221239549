using System.Buffers.Binary;
using Concentus;

namespace Noos.Media.Audio.Formats;

/// <summary>The header of an Opus stream (RFC 7845, 5.1), in Ogg as in WebM.</summary>
/// <param name="ChannelCount">Channels of the result.</param>
/// <param name="PreSkip">Samples at 48 kHz that the decoder gives before the recording begins.</param>
/// <param name="Gain">Factor of loudness.</param>
sealed record OpusHead(int ChannelCount, int PreSkip, float Gain)
{
    const int Length = 19;

    /// <summary>Streams of the mapping, how many of them are stereo, and which one each channel takes; null for one stream.</summary>
    public (int Streams, int Coupled, byte[] Mapping)? Layout { get; init; }

    /// <exception cref="InvalidDataException">It is none, or of a version that is not known.</exception>
    public static OpusHead Parse(ReadOnlySpan<byte> data)
    {
        if (data.Length < Length || !data.StartsWith("OpusHead"u8) || (data[8] & 0xF0) != 0 || data[9] == 0)
        {
            throw new InvalidDataException("its Opus header is none");
        }

        var channels = data[9];
        var head = new OpusHead(
            channels, BinaryPrimitives.ReadUInt16LittleEndian(data[10..]),
            // In 256ths of a decibel.
            MathF.Pow(10, BinaryPrimitives.ReadInt16LittleEndian(data[16..]) / (20f * 256)));
        if (data[18] == 0 && channels <= 2)
        {
            return head;
        }

        if (data.Length < Length + 2 + channels)
        {
            throw new InvalidDataException("its Opus header is too short");
        }

        var (streams, coupled) = (data[19], data[20]);
        return streams > 0 && coupled <= streams
            ? head with { Layout = (streams, coupled, data.Slice(21, channels).ToArray()) }
            : throw new InvalidDataException("its Opus header has impossible streams");
    }
}

/// <summary>
/// Decodes packets of Opus with Concentus, and leaves out what comes before the recording. At 48 kHz: decoded at 16 kHz at once, Whisper
/// hears more words wrongly (28 instead of 17 of 304 in 24 recordings). Not thread-safe.
/// </summary>
sealed class OpusPackets : IDisposable
{
    public const int SampleRate = 48_000;

    // 120 ms, the longest packet.
    const int MaxFrameLength = SampleRate / 1000 * 120;

    readonly OpusHead _head;
    readonly IOpusDecoder? _decoder;
    readonly IOpusMultiStreamDecoder? _multiStream;
    readonly float[] _frame;
    int _skip;

    // The managed decoder alone: a library of the system that may be there or not would make results differ.
    static OpusPackets() => OpusCodecFactory.AttemptToUseNativeLibrary = false;

    public OpusPackets(OpusHead head)
    {
        (_head, _skip) = (head, head.PreSkip);
        _frame = new float[MaxFrameLength * head.ChannelCount];
        try
        {
            if (head.Layout is { } layout)
            {
                _multiStream = OpusCodecFactory.CreateMultiStreamDecoder(
                    SampleRate, head.ChannelCount, layout.Streams, layout.Coupled, layout.Mapping);
            }
            else
            {
                _decoder = OpusCodecFactory.CreateDecoder(SampleRate, head.ChannelCount);
            }
        }
        catch (Exception e) when (e is ArgumentException or OpusException or InvalidOperationException)
        {
            throw new InvalidDataException("its Opus header has impossible streams", e);
        }
    }

    /// <summary>Decodes a packet.</summary>
    /// <returns>The samples of all channels, valid until the next call; nothing where the packet is damaged.</returns>
    public ReadOnlySpan<float> Decode(ReadOnlySpan<byte> packet)
    {
        var count = Run(packet) * _head.ChannelCount;
        var skipped = Math.Min(count, _skip * _head.ChannelCount);
        _skip -= skipped / _head.ChannelCount;
        for (var i = skipped; i < count && _head.Gain != 1; i++)
        {
            _frame[i] *= _head.Gain;
        }

        return _frame.AsSpan(skipped, count - skipped);
    }

    public void Dispose()
    {
        _decoder?.Dispose();
        _multiStream?.Dispose();
    }

    int Run(ReadOnlySpan<byte> packet)
    {
        try
        {
            return _decoder?.Decode(packet, _frame, MaxFrameLength, false)
                ?? _multiStream!.DecodeMultistream(packet, _frame, MaxFrameLength, false);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            // One packet is lost, and 20 ms of sound with it; what is behind it can be heard.
            return 0;
        }
    }
}
