namespace Noos.Inference.Constraints.Grammar;

/// <summary>
/// A JSON string (RFC 8259) in well-formed UTF-8 (RFC 3629), its length counted in code points as JSON Schema does. Escaped surrogates
/// are left out: a character beyond the basic plane is written as it is.
/// </summary>
sealed class StringNode(int minLength, int? maxLength) : GrammarNode
{
    const int Start = 0;
    const int Inside = 1;
    const int Escape = 2;
    const int HexFirst = 3;
    const int HexAfterD = 4;
    const int HexThreeLeft = 5;
    const int HexTwoLeft = 6;
    const int HexOneLeft = 7;
    const int OneByteLeft = 8;
    const int TwoBytesLeft = 9;
    const int ThreeBytesLeft = 10;
    const int AfterE0 = 11;
    const int AfterED = 12;
    const int AfterF0 = 13;
    const int AfterF4 = 14;

    public static StringNode Any { get; } = new(0, null);

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var length = frame.Detail;
        var position = frame.Position switch
        {
            Start => value == '"' ? Inside : ByteAutomaton.Dead,
            Inside => Character(value, length),
            Escape => value switch
            {
                (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t' => Inside,
                (byte)'u' => HexFirst,
                _ => ByteAutomaton.Dead,
            },
            HexFirst => !char.IsAsciiHexDigit((char)value)
                ? ByteAutomaton.Dead
                : value is (byte)'d' or (byte)'D'
                ? HexAfterD
                : HexThreeLeft,
            HexAfterD => value is >= (byte)'0' and <= (byte)'7' ? HexTwoLeft : ByteAutomaton.Dead,
            HexThreeLeft => char.IsAsciiHexDigit((char)value) ? HexTwoLeft : ByteAutomaton.Dead,
            HexTwoLeft => char.IsAsciiHexDigit((char)value) ? HexOneLeft : ByteAutomaton.Dead,
            HexOneLeft => char.IsAsciiHexDigit((char)value) ? Inside : ByteAutomaton.Dead,
            OneByteLeft => value is >= 0x80 and <= 0xBF ? Inside : ByteAutomaton.Dead,
            TwoBytesLeft => value is >= 0x80 and <= 0xBF ? OneByteLeft : ByteAutomaton.Dead,
            ThreeBytesLeft => value is >= 0x80 and <= 0xBF ? TwoBytesLeft : ByteAutomaton.Dead,
            AfterE0 => value is >= 0xA0 and <= 0xBF ? OneByteLeft : ByteAutomaton.Dead,
            AfterED => value is >= 0x80 and <= 0x9F ? OneByteLeft : ByteAutomaton.Dead,
            AfterF0 => value is >= 0x90 and <= 0xBF ? TwoBytesLeft : ByteAutomaton.Dead,
            _ => value is >= 0x80 and <= 0x8F ? TwoBytesLeft : ByteAutomaton.Dead,
        };
        if (position == ByteAutomaton.Dead)
        {
            return ByteAutomaton.Dead;
        }

        if (frame.Position == Inside && value == '"')
        {
            return frame.Next;
        }

        // Lengths that no limit can tell apart are one state.
        var counted = position == Inside && frame.Position != Start ? Math.Min(length + 1, maxLength ?? minLength) : length;
        return automaton.Intern(frame with { Position = position, Detail = counted });
    }

    public override Frame Within(in Frame frame, int bytes)
    {
        // A byte completes at most one character.
        var isFar = !(maxLength - frame.Detail <= bytes) && (frame.Detail >= minLength || minLength - frame.Detail > bytes);
        return !isFar ? frame
            : frame.Detail >= minLength ? frame with { Detail = minLength }
            : minLength > bytes && !(maxLength <= bytes) ? frame with { Detail = 0 }
            : frame;
    }

    int Character(byte value, long length)
    {
        if (value == '"')
        {
            return length >= minLength ? Inside : ByteAutomaton.Dead;
        }

        if (length >= maxLength)
        {
            return ByteAutomaton.Dead;
        }

        return value switch
        {
            (byte)'\\' => Escape,
            < 0x20 => ByteAutomaton.Dead,
            < 0x80 => Inside,
            < 0xC2 => ByteAutomaton.Dead,
            < 0xE0 => OneByteLeft,
            0xE0 => AfterE0,
            0xED => AfterED,
            < 0xF0 => TwoBytesLeft,
            0xF0 => AfterF0,
            < 0xF4 => ThreeBytesLeft,
            0xF4 => AfterF4,
            _ => ByteAutomaton.Dead,
        };
    }
}
