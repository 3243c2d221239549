using System.Buffers.Binary;
using System.Text;

namespace Noos.Media.Audio.Formats;

/// <summary>
/// The first Opus track of a WebM or Matroska file (RFC 9559 over EBML, RFC 8794). Segments and clusters may have an unknown size, as those
/// have that browsers record: then they end where an element begins that cannot be inside them.
/// </summary>
sealed class WebmAudioReader : AudioReader
{
    const ulong Unknown = ulong.MaxValue;
    const int MaxElementLength = 1 << 24;
    const int MaxNameLength = 4;

    readonly Stream _content;
    readonly OpusPackets _packets;
    readonly ulong _track;
    readonly Queue<ReadOnlyMemory<byte>> _frames = new();
    readonly DecodedSamples _pending = new();

    public WebmAudioReader(Stream content)
    {
        _content = content;
        (_track, var head) = FindTrack();
        ChannelCount = head.ChannelCount;
        _packets = new OpusPackets(head);
    }

    // Names of the elements, markers included.
    enum Element : uint
    {
        Header = 0x1A45DFA3,
        Segment = 0x18538067,
        Tracks = 0x1654AE6B,
        TrackEntry = 0xAE,
        TrackNumber = 0xD7,
        CodecId = 0x86,
        CodecPrivate = 0x63A2,
        Cluster = 0x1F43B675,
        BlockGroup = 0xA0,
        Block = 0xA1,
        SimpleBlock = 0xA3,
    }

    public override string Format => "WebM Opus";

    public override int SampleRate => OpusPackets.SampleRate;

    public override int ChannelCount { get; }

    public override int Read(Span<float> samples)
    {
        while (_pending.IsEmpty)
        {
            if (_frames.Count == 0 && !ReadBlock())
            {
                return 0;
            }

            if (!_frames.TryDequeue(out var frame))
            {
                continue;
            }

            var decoded = _packets.Decode(frame.Span);
            _pending.Put(decoded);
        }

        return _pending.Take(samples);
    }

    protected override void Dispose(bool disposing)
    {
        _packets.Dispose();
        _content.Dispose();
    }

    (ulong Track, OpusHead Head) FindTrack()
    {
        while (ReadElement() is { } element)
        {
            switch (element.Name)
            {
                case Element.Header:
                    Skip(element.Length);
                    break;

                // What is inside comes next, at whatever depth; so unknown sizes need no care.
                case Element.Segment or Element.Cluster or Element.BlockGroup:
                    break;
                case Element.Tracks:
                    if (FindOpus(Take(element.Length)) is { } found)
                    {
                        return found;
                    }

                    throw new InvalidDataException("it has no sound in Opus");
                default:
                    Skip(element.Length);
                    break;
            }
        }

        throw new EndOfStreamException("it has no track");
    }

    static (ulong Track, OpusHead Head)? FindOpus(ReadOnlySpan<byte> tracks)
    {
        while (Next(ref tracks) is { IsThere: true } entry)
        {
            if (entry.Name != Element.TrackEntry)
            {
                continue;
            }

            var (number, codec) = (0UL, "");
            ReadOnlySpan<byte> header = [];
            for (var body = entry.Body; Next(ref body) is { IsThere: true } field;)
            {
                switch (field.Name)
                {
                    case Element.TrackNumber:
                        number = ToNumber(field.Body);
                        break;
                    case Element.CodecId:
                        codec = Encoding.ASCII.GetString(field.Body).TrimEnd('\0');
                        break;
                    case Element.CodecPrivate:
                        header = field.Body;
                        break;
                    default:
                        break;
                }
            }

            if (codec == "A_OPUS")
            {
                return (number, OpusHead.Parse(header));
            }
        }

        return null;
    }

    /// <summary>Reads on to the next block of the track.</summary>
    bool ReadBlock()
    {
        while (ReadElement() is { } element)
        {
            if (element.Name is Element.Segment or Element.Cluster or Element.BlockGroup)
            {
                continue;
            }

            if (element.Name is not (Element.SimpleBlock or Element.Block))
            {
                Skip(element.Length);
                continue;
            }

            ReadFrames(Take(element.Length));
            if (_frames.Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    void ReadFrames(byte[] block)
    {
        ReadOnlySpan<byte> rest = block;
        var track = ReadNumber(ref rest);
        if (track != _track || rest.Length < 3)
        {
            return;
        }

        // Two bytes of time, then flags.
        var lacing = (rest[2] >> 1) & 3;
        rest = rest[3..];
        if (lacing == 0)
        {
            Enqueue(block, rest.Length, 0, rest.Length);
            return;
        }

        if (rest.IsEmpty)
        {
            return;
        }

        var count = rest[0] + 1;
        rest = rest[1..];
        Span<int> sizes = stackalloc int[256];
        var sum = 0L;
        for (var i = 0; i < count - 1; i++)
        {
            sizes[i] = lacing switch
            {
                1 => ReadXiph(ref rest),
                3 when i == 0 => (int)Math.Min(ReadNumber(ref rest), MaxElementLength),
                3 => sizes[i - 1] + ReadDifference(ref rest),
                _ => 0,
            };
            sum += sizes[i];
            if (sizes[i] < 0 || sum > rest.Length)
            {
                throw new InvalidDataException("a block has frames that do not fit");
            }
        }

        var offset = 0;
        for (var i = 0; i < count; i++)
        {
            var size = lacing == 2 ? rest.Length / count : i < count - 1 ? sizes[i] : rest.Length - offset;
            if (size < 0 || offset + size > rest.Length)
            {
                throw new InvalidDataException("a block has frames that do not fit");
            }

            Enqueue(block, rest.Length, offset, size);
            offset += size;
        }
    }

    void Enqueue(byte[] block, int rest, int offset, int size) => _frames.Enqueue(block.AsMemory(block.Length - rest + offset, size));

    static int ReadXiph(ref ReadOnlySpan<byte> rest)
    {
        for (var size = 0; ;)
        {
            if (rest.IsEmpty)
            {
                throw new EndOfStreamException("a block ends too early");
            }

            var part = rest[0];
            rest = rest[1..];
            size += part;
            if (part < 255)
            {
                return size;
            }
        }
    }

    /// <summary>A difference to the size before, with half of the range below zero.</summary>
    static int ReadDifference(ref ReadOnlySpan<byte> rest)
    {
        var length = rest.IsEmpty ? 9 : System.Numerics.BitOperations.LeadingZeroCount((uint)rest[0]) - 23;
        var number = ReadNumber(ref rest);
        return length > 4 ? throw new InvalidDataException("a block has frames that do not fit")
            : (int)((long)number - ((1L << ((7 * length) - 1)) - 1));
    }

    /// <summary>The head of the next element; null at the end.</summary>
    (Element Name, ulong Length)? ReadElement()
    {
        var first = _content.ReadByte();
        if (first < 0)
        {
            return null;
        }

        var length = System.Numerics.BitOperations.LeadingZeroCount((uint)first) - 23;
        if (length > 4)
        {
            throw new InvalidDataException("an element has no name");
        }

        var name = (uint)first;
        for (var i = 1; i < length; i++)
        {
            name = (name << 8) | NextByte();
        }

        return ((Element)name, ReadLength());
    }

    ulong ReadLength()
    {
        var first = NextByte();
        var length = System.Numerics.BitOperations.LeadingZeroCount((uint)first) - 23;
        if (length > 8)
        {
            throw new InvalidDataException("an element has no length");
        }

        var number = (ulong)first & ((1UL << (8 - length)) - 1);
        for (var i = 1; i < length; i++)
        {
            number = (number << 8) | NextByte();
        }

        return number == (1UL << (7 * length)) - 1 ? Unknown : number;
    }

    byte NextByte() => _content.ReadByte() is >= 0 and var value ? (byte)value : throw new EndOfStreamException("it ends too early");

    byte[] Take(ulong length)
    {
        if (length > MaxElementLength || length > (ulong)(_content.Length - _content.Position))
        {
            throw new InvalidDataException("an element is too long");
        }

        var bytes = new byte[(int)length];
        _content.ReadExactly(bytes);
        return bytes;
    }

    void Skip(ulong length)
    {
        if (length > (ulong)(_content.Length - _content.Position))
        {
            // What was cut off at its end can be heard up to there.
            _content.Position = _content.Length;
            return;
        }

        _content.Position += (long)length;
    }

    static Field Next(scoped ref ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
        {
            return default;
        }

        var nameLength = System.Numerics.BitOperations.LeadingZeroCount((uint)rest[0]) - 23;
        if (nameLength > MaxNameLength || nameLength > rest.Length)
        {
            throw new InvalidDataException("an element has no name");
        }

        var name = 0u;
        foreach (var value in rest[..nameLength])
        {
            name = (name << 8) | value;
        }

        rest = rest[nameLength..];
        var length = ReadNumber(ref rest);
        if (length > (ulong)rest.Length)
        {
            throw new InvalidDataException("an element is too long");
        }

        var body = rest[..(int)length];
        rest = rest[(int)length..];
        return new Field((Element)name, body);
    }

    /// <summary>A number of one to eight bytes, the first of which says how many.</summary>
    static ulong ReadNumber(ref ReadOnlySpan<byte> rest)
    {
        var length = rest.IsEmpty ? 9 : System.Numerics.BitOperations.LeadingZeroCount((uint)rest[0]) - 23;
        if (length > 8 || length > rest.Length)
        {
            throw new InvalidDataException("a number ends too early");
        }

        var number = (ulong)rest[0] & ((1UL << (8 - length)) - 1);
        for (var i = 1; i < length; i++)
        {
            number = (number << 8) | rest[i];
        }

        rest = rest[length..];
        return number;
    }

    static ulong ToNumber(ReadOnlySpan<byte> bytes)
    {
        Span<byte> padded = stackalloc byte[8];
        padded.Clear();
        bytes = bytes[..Math.Min(bytes.Length, 8)];
        bytes.CopyTo(padded[(8 - bytes.Length)..]);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }

    readonly ref struct Field(Element name, ReadOnlySpan<byte> body)
    {
        public bool IsThere { get; } = true;

        public Element Name { get; } = name;

        public ReadOnlySpan<byte> Body { get; } = body;
    }
}
