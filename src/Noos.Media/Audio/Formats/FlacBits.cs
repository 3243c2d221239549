namespace Noos.Media.Audio.Formats;

/// <summary>Bits of a stream, the highest first. Not thread-safe.</summary>
sealed class FlacBits(Stream content)
{
    // Longer runs of zeros would be corrections that no sample can have.
    const int MaxUnary = 1 << 20;

    readonly byte[] _buffer = new byte[1 << 14];
    int _length;
    int _position;
    ulong _bits;
    int _count;

    /// <summary>The next bits as a number.</summary>
    /// <param name="count">0 .. 32</param>
    public ulong Read(int count)
    {
        while (_count < count)
        {
            _bits = (_bits << 8) | NextByte();
            _count += 8;
        }

        _count -= count;
        return (_bits >> _count) & ((1UL << count) - 1);
    }

    /// <summary>The same as a number in two's complement; <paramref name="count"/> up to 33.</summary>
    public long ReadSigned(int count)
    {
        var value = count > 32 ? (Read(count - 32) << 32) | Read(32) : Read(count);
        var shift = 64 - count;
        return count == 0 ? 0 : (long)(value << shift) >> shift;
    }

    /// <summary>The number of zeros before the next one.</summary>
    public int ReadUnary()
    {
        for (var zeros = 0; zeros < MaxUnary; zeros++)
        {
            if (Read(1) != 0)
            {
                return zeros;
            }
        }

        throw new InvalidDataException("a frame has an impossible correction");
    }

    /// <summary>Goes on at the next whole byte.</summary>
    public void Align() => _count -= _count % 8;

    /// <summary>Goes on behind the next 14 ones and a zero, with the bit behind it; false at the end.</summary>
    public bool FindSync()
    {
        Align();
        var last = 0;
        while (TryReadByte(out var value))
        {
            if (last == 0xFF && (value & 0xFE) == 0xF8)
            {
                return true;
            }

            last = value;
        }

        return false;
    }

    bool TryReadByte(out int value)
    {
        if (_count >= 8)
        {
            value = (int)Read(8);
            return true;
        }

        value = 0;
        if (!Fill())
        {
            return false;
        }

        value = _buffer[_position++];
        return true;
    }

    byte NextByte() => Fill() ? _buffer[_position++] : throw new EndOfStreamException("it ends too early");

    bool Fill()
    {
        if (_position < _length)
        {
            return true;
        }

        (_position, _length) = (0, content.Read(_buffer));
        return _length > 0;
    }
}
