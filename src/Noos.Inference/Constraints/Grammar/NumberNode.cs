namespace Noos.Inference.Constraints.Grammar;

/// <summary>
/// A JSON number. Digits are limited so that every number fits a 64-bit integer or a finite double: 18 for integers, 15 before and
/// after the point and 2 in the exponent otherwise.
/// </summary>
sealed class NumberNode(bool isInteger) : GrammarNode
{
    const int Start = 0;
    const int AfterMinus = 1;
    const int Zero = 2;
    const int Whole = 3;
    const int AfterPoint = 4;
    const int Fraction = 5;
    const int AfterE = 6;
    const int AfterExponentSign = 7;
    const int Exponent = 8;

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var isDigit = value is >= (byte)'0' and <= (byte)'9';
        var position = frame.Position switch
        {
            Start when value == '-' => AfterMinus,
            Start when value == '0' => Zero,
            Start when isDigit => Whole,
            AfterMinus when value == '0' => isInteger ? ByteAutomaton.Dead : Zero,
            AfterMinus when isDigit => Whole,
            Whole when isDigit && frame.Detail < (isInteger ? 18 : 15) => Whole,
            Zero or Whole when value == '.' && !isInteger => AfterPoint,
            AfterPoint when isDigit => Fraction,
            Fraction when isDigit && frame.Detail < 15 => Fraction,
            Zero or Whole or Fraction when value is (byte)'e' or (byte)'E' && !isInteger => AfterE,
            AfterE when value is (byte)'+' or (byte)'-' => AfterExponentSign,
            AfterE or AfterExponentSign when isDigit => Exponent,
            Exponent when isDigit && frame.Detail < 2 => Exponent,
            _ => ByteAutomaton.Dead,
        };
        return position == ByteAutomaton.Dead
            ? ByteAutomaton.Dead
            : automaton.Intern(frame with { Position = position, Detail = position == frame.Position ? frame.Detail + 1 : 1 });
    }

    public override bool MayEnd(in Frame frame) => frame.Position is Zero or Whole or Fraction or Exponent;
}
