using System.Buffers.Binary;

namespace Noos.Media.Audio.Formats;

/// <summary>
/// FLAC (RFC 9639): frames of up to 65,535 samples, each channel predicted from what came before it and corrected by Rice-coded
/// differences. Checksums are not looked at: a wrong bit is heard, and what cannot be decoded ends the recording.
/// </summary>
sealed class FlacAudioReader : AudioReader
{
    const int StreamInfoLength = 34;
    const int MaxOrder = 32;

    readonly Stream _content;
    readonly FlacBits _bits;
    readonly int _bitsPerSample;
    readonly long _sampleCount;
    readonly long[][] _channels;
    int _begin;
    int _end;

    public FlacAudioReader(Stream content)
    {
        _content = content;
        Span<byte> head = stackalloc byte[4 + StreamInfoLength];
        content.ReadExactly(head[..4]);
        content.ReadExactly(head);
        var info = head[4..];
        if ((head[0] & 0x7F) != 0 || Length(head) != StreamInfoLength)
        {
            throw new InvalidDataException("its header is none");
        }

        var isLast = (head[0] & 0x80) != 0;
        int maxBlock = BinaryPrimitives.ReadUInt16BigEndian(info[2..]);
        var packed = BinaryPrimitives.ReadUInt64BigEndian(info[10..]);
        SampleRate = (int)(packed >> 44);
        ChannelCount = (int)((packed >> 41) & 7) + 1;
        _bitsPerSample = (int)((packed >> 36) & 31) + 1;
        _sampleCount = (long)(packed & 0xF_FFFF_FFFF);
        if (maxBlock < 16 || SampleRate == 0 || _bitsPerSample < 4)
        {
            throw new InvalidDataException("its header is none");
        }

        while (!isLast)
        {
            content.ReadExactly(head[..4]);
            isLast = (head[0] & 0x80) != 0;
            var next = content.Position + Length(head);
            content.Position = next <= content.Length ? next : throw new EndOfStreamException("it ends in its header");
        }

        _bits = new FlacBits(content);
        _channels = new long[ChannelCount][];
        for (var channel = 0; channel < ChannelCount; channel++)
        {
            _channels[channel] = new long[maxBlock];
        }
    }

    public override string Format => "FLAC";

    public override int SampleRate { get; }

    public override int ChannelCount { get; }

    public override TimeSpan? Duration => _sampleCount > 0 ? TimeSpan.FromSeconds((double)_sampleCount / SampleRate) : null;

    public override int Read(Span<float> samples)
    {
        if (_begin == _end && !ReadFrame())
        {
            return 0;
        }

        var count = Math.Min(samples.Length / ChannelCount, _end - _begin);
        var scale = 1f / (1L << (_bitsPerSample - 1));
        for (var i = 0; i < count; i++)
        {
            for (var channel = 0; channel < ChannelCount; channel++)
            {
                samples[(i * ChannelCount) + channel] = _channels[channel][_begin + i] * scale;
            }
        }

        _begin += count;
        return count * ChannelCount;
    }

    protected override void Dispose(bool disposing) => _content.Dispose();

    static int Length(ReadOnlySpan<byte> head) => (head[1] << 16) | (head[2] << 8) | head[3];

    bool ReadFrame()
    {
        // Whatever stands between frames is passed over; a frame begins with 14 bits, and one of zero.
        if (!_bits.FindSync())
        {
            return false;
        }

        var sizeCode = (int)_bits.Read(4);
        var rateCode = (int)_bits.Read(4);
        var assignment = (int)_bits.Read(4);
        var depthCode = (int)_bits.Read(3);
        _bits.Read(1);
        ReadCodedNumber();
        var count = sizeCode switch
        {
            1 => 192,
            >= 2 and <= 5 => 576 << (sizeCode - 2),
            6 => (int)_bits.Read(8) + 1,
            7 => (int)_bits.Read(16) + 1,
            >= 8 => 256 << (sizeCode - 8),
            _ => throw new InvalidDataException("a frame has an impossible size"),
        };
        _bits.Read(rateCode switch { 12 => 8, 13 or 14 => 16, _ => 0 });
        _bits.Read(8);
        var depth = depthCode switch { 0 => _bitsPerSample, 1 => 8, 2 => 12, 4 => 16, 5 => 20, 6 => 24, 7 => 32, _ => 0 };
        var channels = assignment < 8 ? assignment + 1 : assignment <= 10 ? 2 : 0;
        if (count > _channels[0].Length || depth != _bitsPerSample || channels != ChannelCount)
        {
            throw new InvalidDataException("a frame is not like its header");
        }

        for (var channel = 0; channel < channels; channel++)
        {
            // The difference of two channels needs one bit more.
            var isSide = (assignment == 8 && channel == 1) || (assignment == 9 && channel == 0) || (assignment == 10 && channel == 1);
            ReadSubframe(_channels[channel].AsSpan(0, count), depth + (isSide ? 1 : 0));
        }

        _bits.Align();
        _bits.Read(16);
        Join(assignment, count);
        (_begin, _end) = (0, count);
        return true;
    }

    /// <summary>The number of the frame or sample, coded as UTF-8 codes characters; nothing here needs it.</summary>
    void ReadCodedNumber()
    {
        var first = (uint)_bits.Read(8);
        var ones = System.Numerics.BitOperations.LeadingZeroCount(~(first << 24));
        for (var i = 1; i < Math.Min(ones, 7); i++)
        {
            _bits.Read(8);
        }
    }

    void ReadSubframe(Span<long> samples, int depth)
    {
        _bits.Read(1);
        var type = (int)_bits.Read(6);
        var wasted = _bits.Read(1) == 0 ? 0 : _bits.ReadUnary() + 1;
        depth -= wasted;
        if (depth < 1)
        {
            throw new InvalidDataException("a frame has no bits");
        }

        switch (type)
        {
            case 0:
                samples.Fill(_bits.ReadSigned(depth));
                break;
            case 1:
                foreach (ref var sample in samples)
                {
                    sample = _bits.ReadSigned(depth);
                }

                break;
            case >= 8 and <= 12:
                ReadFixed(samples, type - 8, depth);
                break;
            case >= 32:
                ReadLinear(samples, type - 31, depth);
                break;
            default:
                throw new InvalidDataException("a frame has an unknown kind of prediction");
        }

        foreach (ref var sample in samples)
        {
            sample <<= wasted;
        }
    }

    void ReadFixed(Span<long> samples, int order, int depth)
    {
        ReadWarmUp(samples, order, depth);
        ReadResidual(samples, order);
        for (var i = order; i < samples.Length; i++)
        {
            // Polynomials of degree order - 1 through the last samples.
            samples[i] += order switch
            {
                1 => samples[i - 1],
                2 => (2 * samples[i - 1]) - samples[i - 2],
                3 => (3 * samples[i - 1]) - (3 * samples[i - 2]) + samples[i - 3],
                4 => (4 * samples[i - 1]) - (6 * samples[i - 2]) + (4 * samples[i - 3]) - samples[i - 4],
                _ => 0,
            };
        }
    }

    void ReadLinear(Span<long> samples, int order, int depth)
    {
        ReadWarmUp(samples, order, depth);
        var precision = (int)_bits.Read(4) + 1;
        var shift = (int)_bits.ReadSigned(5);
        if (precision > 15 || shift < 0)
        {
            throw new InvalidDataException("a frame has an impossible prediction");
        }

        Span<long> coefficients = stackalloc long[MaxOrder];
        for (var i = 0; i < order; i++)
        {
            coefficients[i] = _bits.ReadSigned(precision);
        }

        ReadResidual(samples, order);
        for (var i = order; i < samples.Length; i++)
        {
            var sum = 0L;
            for (var j = 0; j < order; j++)
            {
                sum += coefficients[j] * samples[i - 1 - j];
            }

            samples[i] += sum >> shift;
        }
    }

    void ReadWarmUp(Span<long> samples, int order, int depth)
    {
        if (order > samples.Length)
        {
            throw new InvalidDataException("a frame is shorter than its prediction");
        }

        for (var i = 0; i < order; i++)
        {
            samples[i] = _bits.ReadSigned(depth);
        }
    }

    void ReadResidual(Span<long> samples, int order)
    {
        var method = (int)_bits.Read(2);
        if (method > 1)
        {
            throw new InvalidDataException("a frame has an unknown kind of correction");
        }

        var (parameterBits, escape) = method == 0 ? (4, 15) : (5, 31);
        var partitionOrder = (int)_bits.Read(4);
        var length = samples.Length >> partitionOrder;
        if (length << partitionOrder != samples.Length || length < order)
        {
            throw new InvalidDataException("a frame cannot be parted as it says");
        }

        for (var partition = 0; partition < 1 << partitionOrder; partition++)
        {
            var parameter = (int)_bits.Read(parameterBits);
            var raw = parameter == escape ? (int)_bits.Read(5) : 0;
            // Of the first part the samples are missing that began the prediction.
            var part = samples[(partition == 0 ? order : partition * length)..((partition + 1) * length)];
            foreach (ref var sample in part)
            {
                if (parameter == escape)
                {
                    sample = raw == 0 ? 0 : _bits.ReadSigned(raw);
                    continue;
                }

                var value = ((ulong)_bits.ReadUnary() << parameter) | _bits.Read(parameter);
                sample = (long)(value >> 1) ^ -(long)(value & 1);
            }
        }
    }

    void Join(int assignment, int count)
    {
        for (var i = 0; i < count && assignment >= 8; i++)
        {
            ref var first = ref _channels[0][i];
            ref var second = ref _channels[1][i];
            switch (assignment)
            {
                case 8:
                    second = first - second;
                    break;
                case 9:
                    first += second;
                    break;
                default:
                    // The middle lost its lowest bit, which is that of the side.
                    var middle = (first << 1) | (second & 1);
                    (first, second) = ((middle + second) >> 1, (middle - second) >> 1);
                    break;
            }
        }
    }
}
