using Noos.Inference.Constraints.Grammar;

namespace Noos.Inference.Constraints.Patterns;

/// <summary>
/// A JSON number between limits that is a multiple of another, written without an exponent. All three are integers: the number times
/// ten to the power of the digits behind the point.
/// </summary>
sealed class BoundedNumberNode(long min, long max, long multiple, int fractionDigits) : GrammarNode
{
    /// <summary>Numbers have at most this many digits, so that they fit a 64-bit integer.</summary>
    public const int MaxDigits = 18;

    const int Start = 0;
    const int AfterMinus = 1;
    const int Whole = 2;
    const int AfterPoint = 3;
    const int Fraction = 4;

    // The sign is kept in Candidates.Begin, the digits behind the point are counted in Candidates.End, the digits read are Detail.
    readonly long _scale = Power(fractionDigits);

    public override bool HasText(Predicate<GrammarNode> partHasText) =>
        Holds(isNegative: false, 0, max) || Holds(isNegative: true, 1, long.MaxValue);

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var isNegative = frame.Candidates.Begin != 0;
        var digit = value - '0';
        switch (frame.Position)
        {
            case Start when value == '-':
                return Holds(isNegative: true, 1, long.MaxValue)
                    ? automaton.Intern(frame with { Position = AfterMinus, Candidates = new Range32(1, 0) })
                    : ByteAutomaton.Dead;
            case Start or AfterMinus when digit is >= 0 and <= 9:
                return Go(automaton, frame with { Position = Whole, Detail = digit }, isNegative);
            case Whole when digit is >= 0 and <= 9 && frame.Detail != 0 && frame.Detail < Power(MaxDigits - fractionDigits - 1):
                return Go(automaton, frame with { Detail = (frame.Detail * 10) + digit }, isNegative);
            case Whole when value == '.' && fractionDigits > 0:
                return Go(automaton, frame with { Position = AfterPoint }, isNegative);
            case AfterPoint or Fraction when digit is >= 0 and <= 9 && frame.Candidates.End < fractionDigits:
                var candidates = new Range32(frame.Candidates.Begin, frame.Candidates.End + 1);
                return Go(automaton, frame with { Position = Fraction, Detail = (frame.Detail * 10) + digit, Candidates = candidates },
                    isNegative);
            default:
                return ByteAutomaton.Dead;
        }
    }

    public override bool MayEnd(in Frame frame)
    {
        if (frame.Position is not (Whole or Fraction))
        {
            return false;
        }

        var value = frame.Detail * Power(fractionDigits - frame.Candidates.End);
        return Holds(frame.Candidates.Begin != 0, value, value);
    }

    /// <summary>The frame's state, if its digits can still become a number that fits.</summary>
    int Go(ByteAutomaton automaton, in Frame frame, bool isNegative) =>
        CanEnd(frame, isNegative) ? automaton.Intern(frame) : ByteAutomaton.Dead;

    bool CanEnd(in Frame frame, bool isNegative)
    {
        var digits = frame.Detail;
        if (frame.Position != Whole)
        {
            var step = Power(fractionDigits - frame.Candidates.End);
            return Holds(isNegative, digits * step, (digits * step) + step - 1);
        }

        // More digits may follow before the point, unless there is a leading zero.
        for (var scale = _scale; ; scale *= 10)
        {
            if (Holds(isNegative, digits * scale, (digits * scale) + scale - 1))
            {
                return true;
            }

            if (digits == 0 || digits * (Int128)scale * 10 >= Power(MaxDigits))
            {
                return false;
            }
        }
    }

    /// <summary>Whether one of the magnitudes from begin to end is allowed. Zero has no sign.</summary>
    bool Holds(bool isNegative, long begin, long end)
    {
        var (low, high) = isNegative
            ? (Math.Max(Math.Max(begin, -max), 1), Math.Min(end, -min))
            : (Math.Max(begin, min), Math.Min(end, max));
        return low <= high && high - (high % multiple) >= low;
    }

    static long Power(int exponent)
    {
        var power = 1L;
        for (; exponent > 0; exponent--)
        {
            power *= 10;
        }

        return power;
    }
}
